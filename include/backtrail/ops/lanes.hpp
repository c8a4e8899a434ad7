// SPDX-License-Identifier: BSD-3-Clause
// What an op's formula computes on: a few numbers side by side. One wrapper serves SIMD batches
// and single numbers alike, so that a formula is written once and finds only our own functions.
// A condition is a lane of 0 or 1, so that it can be an operand like any other.
#pragma once

#include <backtrail/core/export.hpp>
#include <backtrail/ops/math/lanewise.hpp>

#include <concepts>
#include <cstddef>
#include <type_traits>

namespace backtrail {

/// Pseudo architecture: one lane, plain C++ arithmetic. Integers and references use it.
struct one_lane {};

template <class T, class Arch>
class lanes {
public:
    using value_type = T;
    using raw = typename std::conditional_t<std::same_as<Arch, one_lane>, std::type_identity<T>,
                                            std::type_identity<xsimd::batch<T, Arch>>>::type;
    static constexpr bool is_scalar = std::same_as<Arch, one_lane>;
    static constexpr std::size_t width = [] {
        if constexpr (is_scalar) {
            return std::size_t{1};
        } else {
            return raw::size;
        }
    }();

    lanes() = default;
    [[gnu::always_inline]] lanes(raw v) : v_(v) {} // NOLINT: a formula mixes freely
    template <class C>
        requires(std::is_arithmetic_v<C> && !std::same_as<C, raw>)
    [[gnu::always_inline]] lanes(C c) : v_(static_cast<T>(c))
    {} // NOLINT

    [[gnu::always_inline]] raw get() const { return v_; }

    [[gnu::always_inline]] static lanes load(const T* p)
    {
        if constexpr (is_scalar) {
            return *p;
        } else {
            return raw::load_unaligned(p);
        }
    }
    [[gnu::always_inline]] void store(T* p) const
    {
        if constexpr (is_scalar) {
            *p = v_;
        } else {
            v_.store_unaligned(p);
        }
    }

    [[gnu::always_inline]] friend lanes operator-(lanes x)
    {
        if constexpr (std::integral<T>) {
            return T(T(0) - x.v_);
        } else if constexpr (is_scalar) {
            return -x.v_;
        } else {
            return math::negated(x.v_);
        }
    }
    [[gnu::always_inline]] friend lanes operator+(lanes x, lanes y) { return raw(x.v_ + y.v_); }
    [[gnu::always_inline]] friend lanes operator-(lanes x, lanes y) { return raw(x.v_ - y.v_); }
    [[gnu::always_inline]] friend lanes operator*(lanes x, lanes y) { return raw(x.v_ * y.v_); }
    [[gnu::always_inline]] friend lanes operator/(lanes x, lanes y) { return raw(x.v_ / y.v_); }

    [[gnu::always_inline]] friend auto operator<(lanes x, lanes y) { return x.v_ < y.v_; }
    [[gnu::always_inline]] friend auto operator<=(lanes x, lanes y) { return x.v_ <= y.v_; }
    [[gnu::always_inline]] friend auto operator>(lanes x, lanes y) { return x.v_ > y.v_; }
    [[gnu::always_inline]] friend auto operator>=(lanes x, lanes y) { return x.v_ >= y.v_; }
    [[gnu::always_inline]] friend auto operator==(lanes x, lanes y) { return x.v_ == y.v_; }
    /// Not xsimd's own, which is false at NaN; nor its !, which takes lanes in halves on AVX.
    [[gnu::always_inline]] friend auto operator!=(lanes x, lanes y)
    {
        if constexpr (is_scalar) {
            return x.v_ != y.v_;
        } else {
            return ~(x.v_ == y.v_);
        }
    }

private:
    raw v_;
};

template <class X>
inline constexpr bool is_lanes = false;
template <class T, class Arch>
inline constexpr bool is_lanes<lanes<T, Arch>> = true;

/// x where the mask holds, else y.
template <class Mask, class T, class Arch>
[[gnu::always_inline]] inline lanes<T, Arch> select(Mask mask, lanes<T, Arch> x,
                                                    std::type_identity_t<lanes<T, Arch>> y)
{
    if constexpr (lanes<T, Arch>::is_scalar) {
        return mask ? x : y;
    } else {
        return xsimd::select(mask, x.get(), y.get());
    }
}

/// True where masks are registers like those of numbers, of ones or of zeros all over a lane: what is asked
/// of them is then a matter of bits. Not so with AVX-512 and NEON, nor with one lane.
template <class X, class Mask>
inline constexpr bool has_wide_masks =
    requires { requires std::same_as<decltype(Mask::data), decltype(X::raw::data)>; };

/// x where the mask holds, else 0.
template <class Mask, class T, class Arch>
[[gnu::always_inline]] inline lanes<T, Arch> kept(Mask mask, lanes<T, Arch> x)
{
    if constexpr (has_wide_masks<lanes<T, Arch>, Mask>) {
        return typename lanes<T, Arch>::raw(mask.data) & x.get();
    } else {
        return select(mask, x, lanes<T, Arch>(0));
    }
}
/// 0 where the mask holds, else x. (xsimd's `bitwise_andnot` means one operand or the other, by version.)
template <class Mask, class T, class Arch>
[[gnu::always_inline]] inline lanes<T, Arch> dropped(Mask mask, lanes<T, Arch> x)
{
    if constexpr (has_wide_masks<lanes<T, Arch>, Mask>) {
        const typename lanes<T, Arch>::raw wide(mask.data);
        return math::from_bits<T, Arch>(math::to_bits(x.get()) & ~math::to_bits(wide));
    } else {
        return select(mask, lanes<T, Arch>(0), x);
    }
}
/// 1 where the mask holds, else 0.
template <class X, class Mask>
[[gnu::always_inline]] inline X indicator(Mask mask)
{
    return kept(mask, X(1));
}

template <class T, class Arch>
[[gnu::always_inline]] inline lanes<T, Arch> magnitude(lanes<T, Arch> x)
{
    if constexpr (std::integral<T>) {
        return select(x < lanes<T, Arch>(0), -x, x);
    } else if constexpr (lanes<T, Arch>::is_scalar) {
        return std::abs(x.get());
    } else {
        return xsimd::abs(x.get());
    }
}

} // namespace backtrail
