// SPDX-License-Identifier: BSD-3-Clause
// Conversion by way of xtensor's containers, as a user would.
#include "convert.hpp"

#include <algorithm>
#include <stdexcept>

namespace oracle {

namespace {

template <class T>
xt::xarray<T> to_xarray(const npz::array& a)
{
    xt::xarray<T> result = xt::xarray<T>::from_shape(a.shape);
    std::copy_n(a.data<T>(), a.size(), result.storage().begin());
    return result;
}

template <class T>
dense elements_of(const npz::array& a)
{
    return {a.shape, a.dtype, {a.data<T>(), a.data<T>() + a.size()}};
}

} // namespace

dense to_dense(const npz::array& a)
{
    if (a.dtype == "int64") return elements_of<std::int64_t>(a);
    if (a.dtype == "bool") return elements_of<bool>(a);
    return elements_of<double>(a);
}

dense to_dense(const any_tensor& tensor)
{
    return std::visit(
        []<class T>(const bt::tensor<T>& t) {
            const auto value = t.value();
            if (!std::ranges::equal(value.shape(), t.shape())) {
                throw std::runtime_error("the value has another shape than its handle says");
            }
            dense result{
                {value.shape().begin(), value.shape().end()}, std::string(npz::dtype_name<T>), {}};
            for (const T element : value) result.values.push_back(static_cast<double>(element));
            return result;
        },
        tensor);
}

bt::variable<double> to_variable(const npz::array& a)
{
    return bt::variable<double>(to_xarray<double>(a));
}

any_tensor to_constant(const npz::array& a)
{
    if (a.dtype == "int64") return index(bt::constant(to_xarray<std::int64_t>(a)));
    if (a.dtype == "bool") return mask(bt::constant(to_xarray<bool>(a)));
    return to_real_constant(a);
}

real to_real_constant(const npz::array& a) { return bt::constant(to_xarray<double>(a)); }

} // namespace oracle
