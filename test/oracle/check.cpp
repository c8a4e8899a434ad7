// SPDX-License-Identifier: BSD-3-Clause
// The four checks of a variant. Derivatives are asked for with zero_if_unconnected, as LibTorch
// answers: what is wanted of an input that does not reach the output is zeros.
#include "check.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <utility>

namespace oracle {

namespace {

/// dy/dx x_dot, summed over all pairs. The library takes them one by one, so their number becomes a
/// template argument here.
template <std::size_t N = 1>
real jvp_along(const real& y, const std::vector<bt::tangent_pair>& pairs)
{
    if constexpr (N > 16) {
        throw std::logic_error("more than 16 differentiable inputs");
    } else {
        if (pairs.size() != N) return jvp_along<N + 1>(y, pairs);
        return [&]<std::size_t... I>(std::index_sequence<I...>) {
            return bt::jvp(y, pairs[I]..., bt::zero_if_unconnected);
        }(std::make_index_sequence<N>{});
    }
}

/// a + b, where nothing counts as zero.
void accumulate(std::optional<real>& a, const real& b)
{
    if (a) {
        a = real(*a + b);
    } else {
        a = b;
    }
}

/// One variant as tensors, and the derivatives of it.
class variant_check {
public:
    variant_check(const op& o, const op_variant& v, const npz::archive& archive, tally& results)
        : op_(o), variant_(v), archive_(archive), results_(results)
    {}

    void run()
    {
        if (!guarded("inputs", [&] { make_inputs(); })) return;
        if (!guarded("build", [&] { outputs_ = op_.build(variant_, arguments(inputs_)); })) return;
        if (outputs_.size() != variant_.outputs.size()) {
            results_.count(name("build"), difference{HUGE_VAL, "has another number of outputs"});
            return;
        }
        guarded("value", [&] { check_values(); });
        if (cotangents_.empty() || x_.empty()) return;
        guarded("vjp", [&] { check_vjp(); });
        guarded("jvp", [&] { check_jvp(); });
        guarded("hvp, reverse over reverse", [&] { check_reverse_over_reverse(); });
        guarded("hvp, forward over reverse", [&] { check_forward_over_reverse(); });
        guarded("hvp, reverse over forward", [&] { check_reverse_over_forward(); });
    }

private:
    struct cotangent {
        std::size_t output;
        real y, y_bar;
    };

    [[nodiscard]] std::string key(const char* kind, std::size_t i) const
    {
        return variant_.name + "." + kind + std::to_string(i);
    }
    [[nodiscard]] std::string name(const std::string& what) const
    {
        return variant_.name + " " + what;
    }

    /// Runs a check; true if it did not throw.
    template <class F>
    bool guarded(const char* what, F check)
    {
        try {
            check();
            return true;
        } catch (const npz::error&) {
            throw; // the data are at fault, not the library
        } catch (const std::exception& e) {
            results_.count_exception(name(what), e.what());
            return false;
        }
    }

    /// `how` says by which way the result came about, where there are several.
    void compare_with(const std::string& k, const dense& wanted, const any_tensor& got,
                      double allowed, const char* how = "")
    {
        std::string where = k + how;
        where[variant_.name.size()] = ' ';
        results_.count(where, compare(to_dense(got), wanted, allowed));
    }
    /// Keys that are not there are not checked.
    void compare_with_archive(const std::string& k, const any_tensor& got, double allowed)
    {
        if (archive_.contains(k)) compare_with(k, to_dense(archive_.at(k)), got, allowed);
    }

    void make_inputs()
    {
        for (std::size_t i = 0; i < variant_.inputs.size(); ++i) {
            const npz::array a = archive_.at(variant_.inputs[i].key);
            if (!variant_.inputs[i].is_differentiable) {
                inputs_.push_back(to_constant(a));
                continue;
            }
            const real x = to_variable(a);
            inputs_.emplace_back(x);
            if (!archive_.contains(key("tan", i))) continue;
            x_.push_back(x);
            x_index_.push_back(i);
            x_dot_.push_back(to_real_constant(archive_.at(key("tan", i))));
            tangents_.push_back(bt::tangent(x, x_dot_.back()));
        }
    }

    void check_values()
    {
        const double terms = std::sqrt(static_cast<double>(op_.terms(variant_)));
        for (std::size_t i = 0; i < outputs_.size(); ++i) {
            compare_with_archive(key("out", i), outputs_[i],
                                 op_.allowed.value * std::max(1.0, terms));
            if (!archive_.contains(key("cot", i))) continue;
            cotangents_.push_back(
                {i, std::get<real>(outputs_[i]), to_real_constant(archive_.at(key("cot", i)))});
        }
    }

    /// The cotangents of all inputs, from the cotangents of all outputs.
    [[nodiscard]] std::vector<real> vjps() const
    {
        std::vector<std::optional<real>> total(x_.size());
        for (const cotangent& c : cotangents_) {
            const std::vector<real> x_bar =
                bt::vjp(c.y, c.y_bar, bt::wrt(x_), bt::zero_if_unconnected);
            for (std::size_t i = 0; i < x_.size(); ++i) accumulate(total[i], x_bar.at(i));
        }
        std::vector<real> result;
        for (const std::optional<real>& x_bar : total) result.push_back(x_bar.value());
        return result;
    }

    /// <a, b>, added over pairs of tensors.
    template <class A, class B>
    [[nodiscard]] static real inner_product(std::size_t n, A a, B b)
    {
        std::optional<real> total;
        for (std::size_t i = 0; i < n; ++i) accumulate(total, bt::sum(a(i) * b(i)));
        return total.value();
    }

    void check_vjp()
    {
        const std::vector<real> x_bar = vjps();
        for (std::size_t i = 0; i < x_.size(); ++i) {
            compare_with_archive(key("vjp", x_index_[i]), x_bar[i], op_.allowed.derivative);
        }
    }

    void check_jvp()
    {
        for (const cotangent& c : cotangents_) {
            compare_with_archive(key("jvp", c.output), jvp_along(c.y, tangents_),
                                 op_.allowed.derivative);
        }
    }

    void compare_hvp(const std::vector<real>& got, const char* how)
    {
        for (std::size_t i = 0; i < x_.size(); ++i) {
            const std::string k = key("hvp", x_index_[i]);
            if (!archive_.contains(k)) continue;
            dense wanted = to_dense(archive_.at(k));
            if (op_.has_zero_hessian(variant_)) std::ranges::fill(wanted.values, 0.0);
            compare_with(k, wanted, got.at(i), op_.allowed.derivative, how);
        }
    }

    void check_reverse_over_reverse()
    {
        const std::vector<real> x_bar = vjps();
        const real slope = inner_product(
            x_.size(), [&](std::size_t i) { return x_bar[i]; },
            [&](std::size_t i) { return x_dot_[i]; });
        compare_hvp(bt::grad(slope, bt::wrt(x_), bt::zero_if_unconnected),
                    " (reverse over reverse)");
    }

    void check_forward_over_reverse()
    {
        std::vector<real> result;
        for (const real& x_bar : vjps()) result.push_back(jvp_along(x_bar, tangents_));
        compare_hvp(result, " (forward over reverse)");
    }

    void check_reverse_over_forward()
    {
        const real slope = inner_product(
            cotangents_.size(), [&](std::size_t k) { return cotangents_[k].y_bar; },
            [&](std::size_t k) { return jvp_along(cotangents_[k].y, tangents_); });
        compare_hvp(bt::grad(slope, bt::wrt(x_), bt::zero_if_unconnected),
                    " (reverse over forward)");
    }

    const op& op_;
    const op_variant& variant_;
    const npz::archive& archive_;
    tally& results_;
    std::vector<any_tensor> inputs_;
    outputs outputs_;
    std::vector<cotangent> cotangents_;
    std::vector<real> x_, x_dot_; ///< the differentiable inputs and their tangents
    std::vector<std::size_t> x_index_;
    std::vector<bt::tangent_pair> tangents_;
};

} // namespace

tally check_op(const op& o, const op_entry& entry, const npz::archive& archive)
{
    tally results;
    for (const op_variant& v : entry.variants) variant_check(o, v, archive, results).run();
    return results;
}

} // namespace oracle
