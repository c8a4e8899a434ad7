// SPDX-License-Identifier: BSD-3-Clause
// Reducers of whole arrays to figures: moments and norms, counts of what is not finite, users' own.
#include "fold.hpp"

#include <backtrail/core/error.hpp>
#include <backtrail/sweep/reducers.hpp>

#include <cmath>
#include <limits>

namespace backtrail {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

// ---- moments -------------------------------------------------------------------------------------

// Blue's three sums of squares: tiles whose largest magnitude is extreme are scaled before squaring.
constexpr double small_below = 0x1p-400, small_scale = 0x1p+600;
constexpr double big_above = 0x1p+400, big_scale = 0x1p-600;

struct moments_state {
    double count = 0, nonfinite = 0, mean = 0, m2 = 0, min = infinity, max = -infinity, l1 = 0;
    double small = 0, medium = 0, big = 0; ///< sums of squares
};

/// Chan, Golub and LeVeque (1983), eq. 1.5: the mean and the sum of squared deviations of two parts.
void join_moments(moments_state& s, const moments_state& t)
{
    s.nonfinite += t.nonfinite;
    if (t.count == 0) return;
    const double count = s.count + t.count, difference = t.mean - s.mean;
    s.m2 += t.m2 + difference * difference * (s.count * t.count / count);
    s.mean += difference * (t.count / count);
    s.count = count;
    s.min = std::min(s.min, t.min);
    s.max = std::max(s.max, t.max);
    s.l1 += t.l1;
    s.small += t.small;
    s.medium += t.medium;
    s.big += t.big;
}

moments_state moments_of_tile(const double* x, std::size_t n)
{
    moments_state t;
    std::array<double, tile_size> work;
    std::size_t finite = 0;
    for (std::size_t i = 0; i < n; ++i) {
        work[finite] = x[i];
        finite += std::isfinite(x[i]) ? 1 : 0;
    }
    t.count = static_cast<double>(finite);
    t.nonfinite = static_cast<double>(n - finite);
    if (finite == 0) return t;
    for (std::size_t i = 0; i < finite; ++i) {
        t.min = std::min(t.min, work[i]);
        t.max = std::max(t.max, work[i]);
    }
    const auto sum_of = [&, values = work](auto f) {
        for (std::size_t i = 0; i < finite; ++i) work[i] = f(values[i]);
        return tile_sum(work.data(), finite);
    };
    t.mean = sum_of([](double v) { return v; }) / t.count;
    t.m2 = sum_of([&](double v) { return (v - t.mean) * (v - t.mean); });
    t.l1 = sum_of([](double v) { return std::abs(v); });
    const double largest = std::max(-t.min, t.max);
    const auto squares = [&](double scale) {
        return sum_of([&](double v) { return (v * scale) * (v * scale); });
    };
    if (largest > big_above) {
        t.big = squares(big_scale);
    } else if (largest < small_below) {
        t.small = squares(small_scale);
    } else {
        t.medium = squares(1.0);
    }
    return t;
}

class moments_fold final : public detail::struct_fold<moments_state> {
public:
    explicit moments_fold(dtype operand) : struct_fold("moments", operand, 10) {}

private:
    void take(std::byte* state, const double* x, std::size_t, std::size_t n) const override
    {
        join_moments(of(state), moments_of_tile(x, n));
    }
    void join(moments_state& s, const moments_state& later) const override
    {
        join_moments(s, later);
    }
    void write(const std::byte* state, std::span<double> y) const override
    {
        std::memcpy(y.data(), state, y.size_bytes());
    }
};
static_assert(sizeof(moments_state) == 10 * sizeof(double));

/// The Euclidean norm from the three sums: of those that are not 0 the larger scale decides, and its
/// neighbour may still count.
double euclidean(double small, double medium, double big)
{
    if (big > 0) return std::sqrt(big + medium * big_scale * big_scale) / big_scale;
    if (medium > 0) return std::sqrt(medium + small / small_scale / small_scale);
    return std::sqrt(small) / small_scale;
}

// ---- what is not finite --------------------------------------------------------------------------

struct nonfinite_state {
    double nan = 0, positive = 0, negative = 0;
};

class nonfinite_fold final : public detail::struct_fold<nonfinite_state> {
public:
    explicit nonfinite_fold(dtype operand) : struct_fold("count_nonfinite", operand, 3) {}
    [[nodiscard]] bool is_exact() const override { return true; }
    void add(std::byte* state, const void* x, std::size_t start, std::size_t n) const override
    {
        if (!has_finite_sum(x, n)) struct_fold::add(state, x, start, n);
    }

private:
    /// A test of a whole tile: what is not finite makes its sum not finite. So may finite terms that are
    /// huge; they are looked at one by one then, too.
    [[nodiscard]] bool has_finite_sum(const void* x, std::size_t n) const
    {
        bool is_finite = true; // as are integers
        visit(operand_type(), [&](auto t) {
            using T = decltype(t);
            if constexpr (std::is_floating_point_v<T>) {
                is_finite = std::isfinite(tile_sum(static_cast<const T*>(x), n));
            }
        });
        return is_finite;
    }
    void take(std::byte* state, const double* x, std::size_t, std::size_t n) const override
    {
        nonfinite_state& s = of(state);
        for (std::size_t i = 0; i < n; ++i) {
            s.nan += std::isnan(x[i]) ? 1 : 0;
            s.positive += x[i] == infinity ? 1 : 0;
            s.negative += x[i] == -infinity ? 1 : 0;
        }
    }
    void join(nonfinite_state& s, const nonfinite_state& later) const override
    {
        s.nan += later.nan;
        s.positive += later.positive;
        s.negative += later.negative;
    }
    void write(const std::byte* state, std::span<double> y) const override
    {
        std::memcpy(y.data(), state, y.size_bytes());
    }
};

// ---- users' own ----------------------------------------------------------------------------------

class user_fold_operation final : public detail::fold_operation {
public:
    user_fold_operation(dtype operand, detail::user_fold f)
        : fold_operation("fold", operand, (f.bytes + sizeof(double) - 1) / sizeof(double)),
          f_(std::move(f))
    {}
    [[nodiscard]] std::size_t state_bytes() const override { return f_.bytes; }
    void begin(std::byte* state) const override { f_.begin(state); }
    void merge(std::byte* state, const std::byte* later) const override { f_.merge(state, later); }

private:
    void take(std::byte* state, const double* x, std::size_t, std::size_t n) const override
    {
        f_.add(state, x, n);
    }
    void write(const std::byte* state, std::span<double> y) const override
    {
        y.back() = 0; // the last one may be filled in part
        std::memcpy(y.data(), state, f_.bytes);
    }
    detail::user_fold f_;
};

} // namespace

detail::reduction moments::as_reduction() const
{
    return {"moments", [](const node_ptr& x) { return detail::fold_node<moments_fold>(x); }};
}

moments_result moments::decode(std::span<const double> folded, const shape&) const
{
    moments_state s;
    std::memcpy(static_cast<void*>(&s), folded.data(), sizeof s);
    moments_result r;
    r.count = static_cast<std::uint64_t>(s.count);
    r.nonfinite = static_cast<std::uint64_t>(s.nonfinite);
    const bool is_empty = s.count == 0;
    r.mean = is_empty ? not_a_number : s.mean;
    r.variance = is_empty ? not_a_number : s.m2 / s.count;
    r.deviation = std::sqrt(r.variance);
    r.min = is_empty ? not_a_number : s.min;
    r.max = is_empty ? not_a_number : s.max;
    r.l1 = s.l1;
    r.l2 = euclidean(s.small, s.medium, s.big);
    r.linf = is_empty ? 0.0 : std::max(-s.min, s.max);
    return r;
}

detail::reduction count_nonfinite::as_reduction() const
{
    return {"count_nonfinite",
            [](const node_ptr& x) { return detail::fold_node<nonfinite_fold>(x); }};
}

nonfinite_counts count_nonfinite::decode(std::span<const double> folded, const shape&) const
{
    const auto count = [](double x) { return static_cast<std::uint64_t>(x); };
    return {count(folded[0]), count(folded[1]), count(folded[2])};
}

detail::reduction detail::as_reduction(user_fold f)
{
    std::string key = f.name;
    return {std::move(key),
            [f = std::move(f)](const node_ptr& x) { return fold_node<user_fold_operation>(x, f); }};
}

} // namespace backtrail
