// SPDX-License-Identifier: BSD-3-Clause
// The words of formulas: what formulas of other families, and compiled code, need to know of an op to
// mention it. On lanes that is its value, on symbols its name. The op itself derives from its word and
// adds the rest in its family, whose header is then not needed by those who mention it: an edit there
// compiles that family alone. An op that only its own family mentions needs no word.
#pragma once

#include <backtrail/ops/math/exp.hpp>
#include <backtrail/ops/math/hyperbolic.hpp>
#include <backtrail/ops/math/log.hpp>
#include <backtrail/ops/math/plane.hpp>
#include <backtrail/ops/math/pow.hpp>
#include <backtrail/ops/op.hpp>

namespace backtrail::ops {

// ---- arithmetic ------------------------------------------------------------------------------------

template <>
struct word<struct Sign> {
    static constexpr std::string_view name = "sign";
    template <class X>
    static X value(X x)
    {
        return select(x > X(0), X(1), select(x < X(0), X(-1), x));
    }
};

template <>
struct word<struct Abs> {
    static constexpr std::string_view name = "abs";
    template <class X>
    static X value(X x)
    {
        return magnitude(x);
    }
};

template <>
struct word<struct Square> {
    static constexpr std::string_view name = "square";
    template <class X>
    static X value(X x)
    {
        return x * x;
    }
};

template <>
struct word<struct Mul> {
    static constexpr std::string_view name = "mul";
    template <class X>
    static X value(X x, X y)
    {
        return x * y;
    }
};

template <>
struct word<struct Masked> {
    static constexpr std::string_view name = "masked";
    template <class X>
    static X value(X g, X p)
    {
        return dropped((g == X(0)) | (p == X(0)), g * p);
    }
};

// ---- comparison ------------------------------------------------------------------------------------

template <>
struct word<struct Less> {
    static constexpr std::string_view name = "less";
    template <class X>
    static auto holds(X x, X y)
    {
        return x < y;
    }
    template <class X>
    static X value(X x, X y)
    {
        return indicator<X>(holds(x, y));
    }
};

template <>
struct word<struct LessEqual> {
    static constexpr std::string_view name = "less_equal";
    template <class X>
    static auto holds(X x, X y)
    {
        return x <= y;
    }
    template <class X>
    static X value(X x, X y)
    {
        return indicator<X>(holds(x, y));
    }
};

template <>
struct word<struct Greater> {
    static constexpr std::string_view name = "greater";
    template <class X>
    static auto holds(X x, X y)
    {
        return x > y;
    }
    template <class X>
    static X value(X x, X y)
    {
        return indicator<X>(holds(x, y));
    }
};

template <>
struct word<struct GreaterEqual> {
    static constexpr std::string_view name = "greater_equal";
    template <class X>
    static auto holds(X x, X y)
    {
        return x >= y;
    }
    template <class X>
    static X value(X x, X y)
    {
        return indicator<X>(holds(x, y));
    }
};

template <>
struct word<struct Equal> {
    static constexpr std::string_view name = "equal";
    template <class X>
    static auto holds(X x, X y)
    {
        return x == y;
    }
    template <class X>
    static X value(X x, X y)
    {
        return indicator<X>(holds(x, y));
    }
};

template <>
struct word<struct NotEqual> {
    static constexpr std::string_view name = "not_equal";
    template <class X>
    static auto holds(X x, X y)
    {
        return x != y;
    }
    template <class X>
    static X value(X x, X y)
    {
        return indicator<X>(holds(x, y));
    }
};

template <>
struct word<struct Where> {
    static constexpr std::string_view name = "where";
    template <class X>
    static X value(X c, X x, X y)
    {
        return select(c == X(0), y, x);
    }
};

/// x where the comparison of a with b holds, else y: on lanes without a detour over 0 and 1.
template <class Comparison, class A, class B, class X, class Y>
[[gnu::always_inline]] inline auto choose(const A& a, const B& b, const X& x, const Y& y)
{
    using V = typename detail::formula_type<A, B, X, Y>::type;
    if constexpr (is_symbol<V>) {
        return call<Where>(call<Comparison>(a, b), x, y);
    } else {
        return select(word<Comparison>::holds(V(a), V(b)), V(x), V(y));
    }
}

template <>
struct word<struct Maximum> {
    static constexpr std::string_view name = "maximum";
    template <class X>
    static X value(X x, X y)
    {
        return select(x > y, x, select(y >= x, y, x + y));
    }
};

// ---- rounding --------------------------------------------------------------------------------------

template <>
struct word<struct Flat> {
    static constexpr std::string_view name = "flat";
    template <class X>
    static X value(X x)
    {
        return select(x == x, X(0), x);
    }
};

// ---- exponential -----------------------------------------------------------------------------------

template <>
struct word<struct Sqrt> {
    static constexpr std::string_view name = "sqrt";
    template <class X>
    static X value(X x)
    {
        return math::sqrt(x.get());
    }
};

template <>
struct word<struct Rsqrt> {
    static constexpr std::string_view name = "rsqrt";
    template <class X>
    static X value(X x)
    {
        return 1.0 / call<Sqrt>(x);
    }
};

template <>
struct word<struct Exp> {
    static constexpr std::string_view name = "exp";
    template <class X>
    static X value(X x)
    {
        return math::exp(x.get());
    }
};

template <>
struct word<struct Expm1> {
    static constexpr std::string_view name = "expm1";
    template <class X>
    static X value(X x)
    {
        return math::expm1(x.get());
    }
};

template <>
struct word<struct Hypot> {
    static constexpr std::string_view name = "hypot";
    template <class X>
    static X value(X x, X y)
    {
        return math::hypot(x.get(), y.get());
    }
};

template <>
struct word<struct Log1p> {
    static constexpr std::string_view name = "log1p";
    template <class X>
    static X value(X x)
    {
        return math::log1p(x.get());
    }
};

template <>
struct word<struct Pow> {
    static constexpr std::string_view name = "pow";
    template <class X>
    static X value(X x, X y)
    {
        return math::pow(x.get(), y.get());
    }
};

// ---- hyperbolic ------------------------------------------------------------------------------------

template <>
struct word<struct Sech> {
    static constexpr std::string_view name = "sech";
    template <class X>
    static X value(X x)
    {
        return math::sech(x.get());
    }
};

template <>
struct word<struct Tanh> {
    static constexpr std::string_view name = "tanh";
    template <class X>
    static X value(X x)
    {
        return math::tanh(x.get());
    }
};

} // namespace backtrail::ops
