// SPDX-License-Identifier: BSD-3-Clause
// Kernels of row_kernels.hpp: one loop for each number of vectors in a row, so that what belongs to a column
// stays in registers.
#include <run/row_kernels.hpp>

#include <xsimd/xsimd.hpp>

#include <array>
#include <utility>

namespace backtrail::detail::BACKTRAIL_ISA {
namespace {

template <class T>
using batch = xsimd::batch<T, xsimd::default_arch>;

/// The elements of a row behind its whole vectors.
template <class T>
T rest_of_row(const T* a, const T* x, std::size_t begin, std::size_t width)
{
    T sum = 0;
    for (std::size_t j = begin; j < width; ++j) sum += a[j] * x[j];
    return sum;
}

/// Rows side by side, as many as a vector has lanes: their sums over lanes are one vector.
template <class T, std::size_t N>
void times(const T* a, std::size_t lead, std::size_t rows, std::size_t width, const T* x, T* y)
{
    using V = batch<T>;
    constexpr std::size_t lanes = V::size;
    std::array<V, N == 0 ? 1 : N> v;
    for (std::size_t k = 0; k < N; ++k) v[k] = V::load_unaligned(x + k * lanes);
    const auto dot = [&](const T* row) {
        V sum = N == 0 ? V(T(0)) : V::load_unaligned(row) * v[0];
        for (std::size_t k = 1; k < N; ++k) {
            sum = xsimd::fma(V::load_unaligned(row + k * lanes), v[k], sum);
        }
        return sum;
    };
    const std::size_t begin = N * lanes;
    std::size_t i = 0;
    for (; i + lanes <= rows; i += lanes) {
        V sums[lanes];
        for (std::size_t r = 0; r < lanes; ++r) sums[r] = dot(a + (i + r) * lead);
        xsimd::haddp(sums).store_unaligned(y + i);
        if (begin < width) {
            for (std::size_t r = 0; r < lanes; ++r) {
                y[i + r] += rest_of_row(a + (i + r) * lead, x, begin, width);
            }
        }
    }
    for (; i < rows; ++i) {
        V sums[lanes];
        for (std::size_t r = 0; r < lanes; ++r) sums[r] = r == 0 ? dot(a + i * lead) : V(T(0));
        y[i] = xsimd::haddp(sums).get(0) + rest_of_row(a + i * lead, x, begin, width);
    }
}

template <class T, std::size_t N>
void transposed_times(const T* a, std::size_t lead, std::size_t rows, std::size_t width, const T* x,
                      T* y)
{
    using V = batch<T>;
    constexpr std::size_t lanes = V::size;
    std::array<V, N == 0 ? 1 : N> even, odd;
    even.fill(V(T(0)));
    odd.fill(V(T(0)));
    std::array<T, lanes> rest{};
    const auto add = [&](std::array<V, N == 0 ? 1 : N>& sums, std::size_t i) {
        const T* row = a + i * lead;
        const V factor(x[i]);
        for (std::size_t k = 0; k < N; ++k) {
            sums[k] = xsimd::fma(V::load_unaligned(row + k * lanes), factor, sums[k]);
        }
        for (std::size_t j = N * lanes; j < width; ++j) rest[j - N * lanes] += row[j] * x[i];
    };
    std::size_t i = 0;
    for (; i + 2 <= rows; i += 2) {
        add(even, i);
        add(odd, i + 1);
    }
    if (i < rows) add(even, i);
    for (std::size_t k = 0; k < N; ++k) (even[k] + odd[k]).store_unaligned(y + k * lanes);
    for (std::size_t j = N * lanes; j < width; ++j) y[j] = rest[j - N * lanes];
}

/// y + x, or 0 + x.
template <class T, bool ToZero>
void add(const T* x, T* y, std::size_t n)
{
    using V = batch<T>;
    const auto before = [&](std::size_t j) { return ToZero ? V(T(0)) : V::load_unaligned(y + j); };
    std::size_t j = 0;
    for (; j + V::size <= n; j += V::size) {
        (before(j) + V::load_unaligned(x + j)).store_unaligned(y + j);
    }
    for (; j < n; ++j) y[j] = (ToZero ? T(0) : y[j]) + x[j];
}

template <class T>
using function = void (*)(const T*, std::size_t, std::size_t, std::size_t, const T*, T*);

template <class T>
constexpr std::size_t most_vectors = short_row / batch<T>::size;

/// Chooses by the number of whole vectors in a row.
template <class T, bool Transposed>
void dispatch(const T* a, std::size_t lead, std::size_t rows, std::size_t width, const T* x, T* y)
{
    static constexpr auto table = []<std::size_t... N>(std::index_sequence<N...>) {
        if constexpr (Transposed) {
            return std::array<function<T>, sizeof...(N)>{&transposed_times<T, N>...};
        } else {
            return std::array<function<T>, sizeof...(N)>{&times<T, N>...};
        }
    }(std::make_index_sequence<most_vectors<T> + 1>{});
    table[width / batch<T>::size](a, lead, rows, width, x, y);
}

} // namespace

template <class T>
const row_kernels<T>& rows()
{
    static constexpr row_kernels<T> kernels = {&dispatch<T, false>, &dispatch<T, true>,
                                               &add<T, false>, &add<T, true>};
    return kernels;
}

template const row_kernels<double>& rows<double>();
template const row_kernels<float>& rows<float>();

} // namespace backtrail::detail::BACKTRAIL_ISA
