// SPDX-License-Identifier: BSD-3-Clause
// Reducers that show single elements: the largest, a sample, a picture.
#include "fold.hpp"

#include <backtrail/core/error.hpp>
#include <backtrail/sweep/reducers.hpp>

#include <cmath>

namespace backtrail {
namespace {

std::vector<std::size_t> unravel(std::size_t flat, const shape& s)
{
    std::vector<std::size_t> index(s.size());
    for (std::size_t axis = s.size(); axis-- > 0;) {
        index[axis] = flat % s[axis];
        flat /= s[axis];
    }
    return index;
}

void require_between(const char* name, const char* what, std::size_t n, std::size_t most)
{
    if (n >= 1 && n <= most) return;
    throw value_error("[" + std::string(name) + "] " + what + " must be from 1 to " +
                      std::to_string(most) + ", not " + std::to_string(n));
}

// ---- top -----------------------------------------------------------------------------------------

struct ranked {
    double value, position;

    /// Larger magnitudes first, NaN before all, then earlier positions.
    friend bool operator<(const ranked& a, const ranked& b)
    {
        const double x = key(a.value), y = key(b.value);
        return x != y ? x > y : a.position < b.position;
    }
    static double key(double v)
    {
        return std::isnan(v) ? INFINITY : std::min(std::abs(v), largest);
    }
    static constexpr double largest = 1.7976931348623157e308; ///< infinities tie with it
};

/// A state: how many there are, then up to k of them in order.
class top_fold final : public detail::fold_operation {
public:
    top_fold(dtype operand, std::size_t k) : fold_operation("top", operand, 1 + 2 * k), k_(k) {}
    [[nodiscard]] std::size_t state_bytes() const override
    {
        return sizeof(double) + k_ * sizeof(ranked);
    }
    void begin(std::byte* state) const override { std::memset(state, 0, state_bytes()); }
    void merge(std::byte* state, const std::byte* later) const override
    {
        const auto n = static_cast<std::size_t>(*reinterpret_cast<const double*>(later));
        const auto* list = reinterpret_cast<const ranked*>(later + sizeof(double));
        for (std::size_t i = 0; i < n; ++i) insert(state, list[i]);
    }

private:
    void insert(std::byte* state, const ranked& candidate) const
    {
        double& count = *reinterpret_cast<double*>(state);
        auto* const list = reinterpret_cast<ranked*>(state + sizeof(double));
        auto n = static_cast<std::size_t>(count);
        if (n == k_ && !(candidate < list[n - 1])) return;
        ranked* const at = std::upper_bound(list, list + n, candidate);
        if (n < k_) {
            ++n;
            count += 1;
        }
        std::move_backward(at, list + n - 1, list + n);
        *at = candidate;
    }
    void take(std::byte* state, const double* x, std::size_t start, std::size_t n) const override
    {
        for (std::size_t i = 0; i < n; ++i) {
            insert(state, {x[i], static_cast<double>(start + i)});
        }
    }
    void write(const std::byte* state, std::span<double> y) const override
    {
        std::memcpy(y.data(), state, y.size_bytes());
    }
    std::size_t k_;
};

// ---- sample --------------------------------------------------------------------------------------

/// The output function of SplitMix64 (Steele, Lea and Flood 2014): a random number for each counter.
std::uint64_t scrambled(std::uint64_t counter)
{
    std::uint64_t z = counter * 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/// One place in each of n equal stretches of an array, in order.
std::vector<std::size_t> places_of(std::size_t elements, std::size_t n, std::uint64_t seed)
{
    n = std::min(n, elements);
    std::vector<std::size_t> places;
    for (std::size_t j = 0; j < n; ++j) {
        const auto bound = [&](std::size_t k) { // k elements / n, without overflow
            return elements / n * k + elements % n * k / n;
        };
        const std::size_t first = bound(j), length = bound(j + 1) - first;
        places.push_back(first + scrambled(seed * 65537 + j + 1) % length);
    }
    return places;
}

class sample_fold final : public detail::fold_operation {
public:
    sample_fold(dtype operand, std::vector<std::size_t> places)
        : fold_operation("sample", operand, places.size()), places_(std::move(places))
    {}
    [[nodiscard]] std::size_t state_bytes() const override
    {
        return std::max<std::size_t>(1, 2 * places_.size()) * sizeof(double);
    }
    void begin(std::byte* state) const override { std::memset(state, 0, state_bytes()); }
    void merge(std::byte* state, const std::byte* later) const override
    {
        auto* const s = reinterpret_cast<double*>(state);
        const auto* const t = reinterpret_cast<const double*>(later);
        for (std::size_t j = 0; j < places_.size(); ++j) {
            if (t[places_.size() + j] == 0) continue;
            s[j] = t[j];
            s[places_.size() + j] = 1;
        }
    }

private:
    void take(std::byte* state, const double* x, std::size_t start, std::size_t n) const override
    {
        auto* const s = reinterpret_cast<double*>(state); // the values, then which are there
        auto at = std::lower_bound(places_.begin(), places_.end(), start);
        for (; at != places_.end() && *at < start + n; ++at) {
            const auto j = static_cast<std::size_t>(at - places_.begin());
            s[j] = x[*at - start];
            s[places_.size() + j] = 1;
        }
    }
    void write(const std::byte* state, std::span<double> y) const override
    {
        std::memcpy(y.data(), state, y.size_bytes());
    }
    std::vector<std::size_t> places_;
};

// ---- image ---------------------------------------------------------------------------------------

/// One axis of a picture: which pixel an element falls into.
struct picture_axis {
    std::size_t extent, step, pixels; ///< step: elements from one index to the next

    picture_axis(const shape& s, std::size_t axis, std::size_t most)
        : extent(s[axis]), step(1), pixels(std::min(most, s[axis]))
    {
        for (std::size_t i = axis + 1; i < s.size(); ++i) step *= s[i];
    }
    [[nodiscard]] std::size_t operator()(std::size_t flat) const
    {
        return flat / step % extent * pixels / extent;
    }
};

class image_fold final : public detail::fold_operation {
public:
    image_fold(dtype operand, picture_axis rows, picture_axis columns)
        : fold_operation("image", operand, rows.pixels * columns.pixels), rows_(rows),
          columns_(columns)
    {}
    [[nodiscard]] std::size_t state_bytes() const override
    {
        return std::max<std::size_t>(1, 2 * results()) * sizeof(double);
    }
    void begin(std::byte* state) const override { std::memset(state, 0, state_bytes()); }
    void merge(std::byte* state, const std::byte* later) const override
    {
        auto* const s = reinterpret_cast<double*>(state);
        const auto* const t = reinterpret_cast<const double*>(later);
        for (std::size_t i = 0; i < 2 * results(); ++i) s[i] += t[i];
    }

private:
    void take(std::byte* state, const double* x, std::size_t start, std::size_t n) const override
    {
        auto* const s = reinterpret_cast<double*>(state); // sums, then counts
        for (std::size_t i = 0; i < n; ++i) {
            const std::size_t pixel = rows_(start + i) * columns_.pixels + columns_(start + i);
            s[pixel] += x[i];
            s[results() + pixel] += 1;
        }
    }
    void write(const std::byte* state, std::span<double> y) const override
    {
        const auto* const s = reinterpret_cast<const double*>(state);
        for (std::size_t i = 0; i < y.size(); ++i) y[i] = s[i] / s[y.size() + i];
    }
    picture_axis rows_, columns_;
};

} // namespace

top::top(std::size_t k) : k_(k) { require_between("top", "k", k, 1024); }

detail::reduction top::as_reduction() const
{
    return {"top " + std::to_string(k_),
            [k = k_](const node_ptr& x) { return detail::fold_node<top_fold>(x, k); }};
}

top::result top::decode(std::span<const double> folded, const shape& operand) const
{
    result list;
    for (std::size_t i = 0; i < static_cast<std::size_t>(folded[0]); ++i) {
        list.push_back(
            {unravel(static_cast<std::size_t>(folded[2 + 2 * i]), operand), folded[1 + 2 * i]});
    }
    return list;
}

sample::sample(std::size_t n, std::uint64_t seed) : n_(n), seed_(seed)
{
    require_between("sample", "n", n, 65536);
}

detail::reduction sample::as_reduction() const
{
    return {"sample " + std::to_string(n_) + " " + std::to_string(seed_),
            [n = n_, seed = seed_](const node_ptr& x) {
                return detail::fold_node<sample_fold>(
                    x, places_of(element_count(x->shape()), n, seed));
            }};
}

sample::result sample::decode(std::span<const double> folded, const shape& operand) const
{
    const auto places = places_of(element_count(operand), n_, seed_);
    result list;
    for (std::size_t j = 0; j < places.size(); ++j) {
        list.push_back({unravel(places[j], operand), folded[j]});
    }
    return list;
}

image::image(std::ptrdiff_t rows, std::ptrdiff_t columns, std::size_t pixels)
    : rows_(rows), columns_(columns), pixels_(pixels)
{
    require_between("image", "pixels", pixels, 256);
}

detail::reduction image::as_reduction() const
{
    return {"image " + std::to_string(rows_) + " " + std::to_string(columns_) + " " +
                std::to_string(pixels_),
            [*this](const node_ptr& x) {
                const shape& s = x->shape();
                const std::size_t i = normalise_axis("image", rows_, s.size());
                const std::size_t j = normalise_axis("image", columns_, s.size());
                if (i == j) throw index_error("[image] rows and columns are the same axis");
                return detail::fold_node<image_fold>(x, picture_axis(s, i, pixels_),
                                                     picture_axis(s, j, pixels_));
            }};
}

image::result image::decode(std::span<const double> folded, const shape& operand) const
{
    const auto extent = [&](std::ptrdiff_t axis) {
        return std::min(pixels_, operand[normalise_axis("image", axis, operand.size())]);
    };
    return {extent(rows_), extent(columns_), {folded.begin(), folded.end()}};
}

} // namespace backtrail
