// SPDX-License-Identifier: BSD-3-Clause
// The reducers: histogram, moments, quantiles, count_nonfinite, top, image, sample, and those of users.
// Each reads an array once, in any element type, and keeps a few numbers. Results do not depend on the
// number of threads; those that count depend on nothing but the elements.
#pragma once

#include <backtrail/sweep/reduction.hpp>

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <vector>

namespace backtrail {

/// Elements that are no finite numbers.
struct nonfinite_counts {
    std::uint64_t nan = 0, positive_infinity = 0, negative_infinity = 0;
    [[nodiscard]] std::uint64_t total() const
    {
        return nan + positive_infinity + negative_infinity;
    }
};

struct histogram_result {
    double lower = 0; ///< where the first bin begins
    double width = 0; ///< of each bin
    std::vector<std::uint64_t> counts;
    std::uint64_t below = 0, above = 0; ///< finite, and outside a range that was given
    nonfinite_counts nonfinite;
    [[nodiscard]] double edge(std::size_t i) const
    {
        return lower + static_cast<double>(i) * width;
    }
};

/// Counts in bins of equal width. With a range: `bins` bins over [lower, upper], the last one closed.
/// Without: bins are multiples of the smallest power of two with which all finite elements fall into at
/// most `bins` of them; the bins in use, from that of the smallest to that of the largest element, are
/// given. It takes one pass: where an element does not fit, pairs of bins are joined, which is exact.
class BACKTRAIL_API histogram {
public:
    using result = histogram_result;
    /// Throws value_error unless there are 2 to 65536 bins.
    explicit histogram(std::size_t bins);
    /// Throws value_error unless there are 1 to 65536 bins and lower < upper, both finite.
    histogram(std::size_t bins, double lower, double upper);
    [[nodiscard]] detail::reduction as_reduction() const;
    [[nodiscard]] result decode(std::span<const double> folded, const shape& operand) const;

private:
    std::size_t bins_;
    std::optional<std::pair<double, double>> range_;
};

struct moments_result {
    std::uint64_t count = 0;     ///< of finite elements; the other figures are theirs
    std::uint64_t nonfinite = 0; ///< left out
    double mean = 0;             ///< NaN where there are no elements, as all below but the norms
    double variance = 0;         ///< the mean square deviation
    double min = 0, max = 0;
    double l1 = 0;        ///< the sum of magnitudes
    double l2 = 0;        ///< the Euclidean norm
    double linf = 0;      ///< the largest magnitude
    double deviation = 0; ///< the square root of the variance
};

/// Mean, variance, extrema and norms in one pass: variances are joined as by Chan, Golub and LeVeque
/// (1983), squares are summed in three scales as by Blue (1978), so that neither cancels nor overflows.
class BACKTRAIL_API moments {
public:
    using result = moments_result;
    [[nodiscard]] detail::reduction as_reduction() const;
    [[nodiscard]] result decode(std::span<const double> folded, const shape& operand) const;
};

/// The Euclidean norm of the finite elements.
class BACKTRAIL_API l2norm {
public:
    using result = double;
    [[nodiscard]] detail::reduction as_reduction() const { return moments().as_reduction(); }
    [[nodiscard]] result decode(std::span<const double> folded, const shape& operand) const
    {
        return moments().decode(folded, operand).l2;
    }
};

struct minmax_result {
    double min = 0, max = 0;
};
/// The smallest and the largest finite element.
class BACKTRAIL_API minmax {
public:
    using result = minmax_result;
    [[nodiscard]] detail::reduction as_reduction() const { return moments().as_reduction(); }
    [[nodiscard]] result decode(std::span<const double> folded, const shape& operand) const
    {
        const moments_result all = moments().decode(folded, operand);
        return {all.min, all.max};
    }
};

/// How many elements are NaN or infinite.
class BACKTRAIL_API count_nonfinite {
public:
    using result = nonfinite_counts;
    [[nodiscard]] detail::reduction as_reduction() const;
    [[nodiscard]] result decode(std::span<const double> folded, const shape& operand) const;
};

struct quantile_estimate {
    double p = 0;
    double value = 0;            ///< NaN where there are no finite elements
    double lower = 0, upper = 0; ///< the true one lies between these
};

/// Quantiles of the finite elements, by nearest rank: the element of rank round(p (n - 1)) in order.
/// A histogram over floating-point numbers themselves: its bins are logarithmic, as narrow as `bins` of
/// them allow, and widen by pairs. Each estimate says the bounds of its bin, between which the true
/// quantile lies; the smallest and the largest element are exact. With 4096 bins and elements of both
/// signs, up to 2^48 in magnitude, the bounds are at most 1/16 apart, relative to the quantile; of one
/// sign over 8 binary orders, 1/512. Magnitudes below 2^-80 count as 0.
class BACKTRAIL_API quantiles {
public:
    using result = std::vector<quantile_estimate>;
    /// Throws value_error unless all p are from 0 to 1, and there are 2 to 65536 bins.
    quantiles(std::vector<double> p, std::size_t bins = 4096);
    quantiles(std::initializer_list<double> p) : quantiles(std::vector<double>(p)) {}
    [[nodiscard]] detail::reduction as_reduction() const;
    [[nodiscard]] result decode(std::span<const double> folded, const shape& operand) const;

private:
    std::vector<double> p_;
    std::size_t bins_;
};

struct located_element {
    std::vector<std::size_t> index;
    double value = 0;
};

/// The k elements of largest magnitude, and where they are; NaN is the largest, and of equal ones the
/// first comes first.
class BACKTRAIL_API top {
public:
    using result = std::vector<located_element>;
    /// Throws value_error unless k is 1 to 1024.
    explicit top(std::size_t k);
    [[nodiscard]] detail::reduction as_reduction() const;
    [[nodiscard]] result decode(std::span<const double> folded, const shape& operand) const;

private:
    std::size_t k_;
};

/// At most n elements spread over the array: one from each of n equal stretches of it, at a place that
/// `seed` chooses. The places are the same in each run.
class BACKTRAIL_API sample {
public:
    using result = std::vector<located_element>;
    /// Throws value_error unless n is 1 to 65536.
    explicit sample(std::size_t n, std::uint64_t seed = 0);
    [[nodiscard]] detail::reduction as_reduction() const;
    [[nodiscard]] result decode(std::span<const double> folded, const shape& operand) const;

private:
    std::size_t n_;
    std::uint64_t seed_;
};

struct image_result {
    std::size_t height = 0, width = 0;
    std::vector<double> pixels; ///< row by row
    [[nodiscard]] double operator()(std::size_t i, std::size_t j) const
    {
        return pixels[i * width + j];
    }
};

/// A small picture: rows and columns of it are two axes of the array, and each pixel is the mean over the
/// other axes and over neighbours, where an axis is longer than `pixels`.
class BACKTRAIL_API image {
public:
    using result = image_result;
    /// Negative axes count from the back. Throws value_error unless there are 1 to 256 pixels, and where
    /// it is applied index_error if an axis is not there or both are one.
    image(std::ptrdiff_t rows, std::ptrdiff_t columns, std::size_t pixels = 64);
    /// The last two axes.
    image() : image(-2, -1) {}
    [[nodiscard]] detail::reduction as_reduction() const;
    [[nodiscard]] result decode(std::span<const double> folded, const shape& operand) const;

private:
    std::ptrdiff_t rows_, columns_;
    std::size_t pixels_;
};

namespace detail {
/// A fold over states of a user's: plain memory.
struct user_fold {
    std::string name;
    std::size_t bytes;
    std::function<void(std::byte*)> begin;
    std::function<void(std::byte*, const double*, std::size_t)> add;
    std::function<void(std::byte*, const std::byte*)> merge;
};
[[nodiscard]] BACKTRAIL_API reduction as_reduction(user_fold f);
} // namespace detail

/// A user's own reducer; by `fold`.
template <class State, class Add, class Merge>
class own_reducer {
public:
    using result = State;
    own_reducer(std::string name, State initial, Add add, Merge merge)
        : name_(std::move(name)), initial_(initial), add_(std::move(add)), merge_(std::move(merge))
    {}
    [[nodiscard]] detail::reduction as_reduction() const
    {
        const auto load = [](const std::byte* from) {
            State s;
            std::memcpy(&s, from, sizeof s);
            return s;
        };
        const auto store = [](std::byte* to, const State& s) { std::memcpy(to, &s, sizeof s); };
        return detail::as_reduction(
            {"fold " + name_, sizeof(State),
             [store, initial = initial_](std::byte* state) { store(state, initial); },
             [load, store, add = add_](std::byte* state, const double* x, std::size_t n) {
                 State s = load(state);
                 for (std::size_t i = 0; i < n; ++i) add(s, x[i]);
                 store(state, s);
             },
             [load, store, merge = merge_](std::byte* state, const std::byte* later) {
                 State s = load(state);
                 merge(s, load(later));
                 store(state, s);
             }});
    }
    [[nodiscard]] result decode(std::span<const double> folded, const shape&) const
    {
        State s;
        std::memcpy(&s, folded.data(), sizeof s);
        return s;
    }

private:
    std::string name_;
    State initial_;
    Add add_;
    Merge merge_;
};

/// A reducer of your own: `add(state, x)` takes the elements one by one, in order, within a part of the
/// array, beginning with `initial`; `merge(state, later)` joins the states of two parts. The name stands
/// for the functions: give different ones different names. State is plain memory, and the functions
/// must not throw.
template <class State, class Add, class Merge>
    requires std::is_trivially_copyable_v<State> && std::is_default_constructible_v<State> &&
             std::invocable<const Add&, State&, double> &&
             std::invocable<const Merge&, State&, const State&>
[[nodiscard]] auto fold(std::string name, State initial, Add add, Merge merge)
{
    return own_reducer<State, Add, Merge>(std::move(name), initial, std::move(add),
                                          std::move(merge));
}

} // namespace backtrail
