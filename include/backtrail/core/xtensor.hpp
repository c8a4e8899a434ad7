// SPDX-License-Identifier: BSD-3-Clause
// The one door to xtensor: hides where its headers live in each version, and mends a defect.
#pragma once

#if __has_include(<xtensor/core/xtensor_forward.hpp>) // 0.26 and later
#include <xtensor/containers/xadapt.hpp>
#include <xtensor/containers/xarray.hpp>
#include <xtensor/containers/xtensor.hpp>
#include <xtensor/core/xnoalias.hpp>
#include <xtensor/core/xstrides.hpp>
#include <xtensor/views/xview.hpp>
#else
#include <xtensor/xtensor_config.hpp>

#include <xtensor/xexpression_traits.hpp>
#include <xtensor/xstorage.hpp>
#include <xtensor/xtensor_forward.hpp>
#if XTENSOR_VERSION_MAJOR == 0 && XTENSOR_VERSION_MINOR < 25 && __cplusplus > 201703L
// xtensor 0.24 chooses the container of a temporary by a specialisation that it guards with
// `__cplusplus == 201703L`; in C++20 it is missing and `xt::eval(a + a)` throws bad_alloc.
namespace xt::detail {
template <>
struct xtype_for_shape<svector<std::size_t, 4, std::allocator<std::size_t>, true>> {
    template <class T, layout_type L>
    using type = xarray<T, L>;
};
template <>
struct xtype_for_shape<svector<std::ptrdiff_t, 4, std::allocator<std::ptrdiff_t>, true>> {
    template <class T, layout_type L>
    using type = xarray<T, L>;
};
} // namespace xt::detail
#endif
#include <xtensor/xadapt.hpp>
#include <xtensor/xarray.hpp>
#include <xtensor/xnoalias.hpp>
#include <xtensor/xtensor.hpp>
#include <xtensor/xview.hpp>
#endif
