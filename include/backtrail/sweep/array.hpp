// SPDX-License-Identifier: BSD-3-Clause
// How values come back: read-only xtensor adaptors that own what they show. They stay valid, and
// keep their numbers, whatever happens to the graph, the sweep or the variables.
#pragma once

#include <backtrail/core/xtensor.hpp>
#include <backtrail/graph/build.hpp>

// xtensor knows shared_ptr as an owner of foreign memory; a buffer is one too, without the
// allocation of a control block for each value read.
namespace xt::detail {
template <class P>
struct get_buffer_storage<P, backtrail::buffer, no_ownership> {
    using type = xbuffer_smart_pointer<P, backtrail::buffer>;
};
} // namespace xt::detail

namespace backtrail {

/// A value: row-major, read-only, owning. Copies share the memory.
template <element T>
using array = xt::xarray_adaptor<xt::xbuffer_adaptor<const T*, xt::smart_ownership, buffer>,
                                 xt::layout_type::row_major, xt::dynamic_shape<std::size_t>>;

namespace detail {

template <element T>
[[nodiscard]] array<T> make_array(buffer data, const shape& s)
{
    using storage = xt::xbuffer_adaptor<const T*, xt::smart_ownership, buffer>;
    const T* first = data.as<const T>();
    return array<T>(storage(first, element_count(s), std::move(data)),
                    xt::dynamic_shape<std::size_t>(s.begin(), s.end()));
}

} // namespace detail

template <element T>
auto expr<leaf<T>>::value() const
{
    detail::require(node_, dtype_of<T>);
    return detail::make_array<T>(detail::evaluate(node_), detail::shape_of(node_));
}

template <element T>
auto expr<variable_leaf<T>>::value() const
{
    return detail::make_array<T>(detail::evaluate(node_), detail::shape_of(node_));
}

template <class Tree>
auto expr<Tree>::value() const
{
    return tensor<value_type>(*this).value();
}

} // namespace backtrail
