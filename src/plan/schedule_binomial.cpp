// SPDX-License-Identifier: BSD-3-Clause
// The binomial optimum, and the walk over kept states that it shares with others.
#include <backtrail/core/error.hpp>
#include <backtrail/plan/schedule.hpp>

#include <algorithm>
#include <limits>

namespace backtrail {

schedule::~schedule() = default;

namespace {

constexpr std::uint64_t huge = std::numeric_limits<std::uint64_t>::max();

/// C(n, k), or `huge` where it does not fit.
std::uint64_t choose(std::uint64_t n, std::uint64_t k)
{
    if (k > n) return 0;
    k = std::min(k, n - k);
    unsigned __int128 result = 1;
    for (std::uint64_t i = 1; i <= k; ++i) {
        result = result * (n - k + i) / i; // exact: C(n-k+i, i)
        if (result >= huge) return huge;
    }
    return static_cast<std::uint64_t>(result);
}

/// The number of steps that c states can serve when each is advanced at most r times.
std::uint64_t reach(std::uint64_t c, std::int64_t r)
{
    return r < 0 ? 0 : choose(c + static_cast<std::uint64_t>(r), c);
}

/// The least r with which c states serve n steps.
std::int64_t repetitions(std::uint64_t n, std::uint64_t c)
{
    std::int64_t low = 0, high = 1;
    while (reach(c, high) < n) high *= 2;
    while (low < high) {
        const std::int64_t middle = low + (high - low) / 2;
        if (reach(c, middle) >= n) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

} // namespace

std::uint64_t binomial_advances(std::size_t n, std::size_t c)
{
    if (n <= 1) return 0;
    if (c == 1) { // n(n-1)/2: the even one is halved first
        return n % 2 == 0 ? n / 2 * (n - 1) : (n - 1) / 2 * n;
    }
    const std::int64_t r = repetitions(n, c);
    return static_cast<std::uint64_t>(r) * n -
           choose(c + static_cast<std::uint64_t>(r), static_cast<std::uint64_t>(r) - 1);
}

namespace detail {

std::size_t interval_schedule::take_slot()
{
    if (free_.empty()) return used_++;
    const std::size_t slot = free_.back();
    free_.pop_back();
    return slot;
}

std::optional<schedule_action> interval_schedule::next()
{
    using kind = schedule_action::kind;
    while (queue_.empty()) {
        if (kept_.empty()) return {};
        interval& i = kept_.back();
        const std::size_t n = i.end - i.begin;
        if (n == 0) {
            give_slot(i.slot);
            queue_.push_back({kind::release, false, i.slot, i.begin, i.begin});
            kept_.pop_back();
        } else if (at_ != i.begin) {
            at_ = i.begin;
            queue_.push_back({kind::restore, false, i.slot, i.begin, i.begin});
        } else if (n == 1) {
            --i.end;
            at_ = nowhere;
            queue_.push_back({kind::reverse, false, 0, i.begin, i.begin + 1});
        } else {
            const std::size_t wanted = cut(i);
            const std::size_t k = wanted == 0 ? n - 1 : wanted;
            const std::size_t m = i.begin + k;
            const schedule_action advance = {kind::advance, false, 0, i.begin, m};
            if (k == n - 1) { // the last step alone needs no slot
                --i.end;
                at_ = nowhere;
                queue_.push_back({kind::reverse, false, 0, m, m + 1});
            } else {
                const interval later = {m, i.end, take_slot(), room_after(i, m)};
                i.end = at_ = m;
                kept_.push_back(later);
                queue_.push_back({kind::store, false, later.slot, m, m});
            }
            queue_.push_back(advance);
        }
    }
    const schedule_action action = queue_.back();
    queue_.pop_back();
    return action;
}

} // namespace detail

/// Both parts must stay within the repetitions of the whole; every place for which they do is
/// optimal.
std::size_t detail::binomial_cut(std::size_t n, std::size_t c)
{
    if (c == 1) return 0;
    const std::int64_t r = repetitions(n, c);
    const std::uint64_t most = reach(c, r - 1), rest = reach(c - 1, r - 1);
    return std::min<std::uint64_t>(most, n - std::min<std::uint64_t>(rest, n - 1));
}

binomial_schedule::binomial_schedule(std::size_t steps, std::size_t slots, std::size_t first)
{
    if (slots == 0) throw value_error("[schedule] at least one state must be kept");
    at_ = first;
    if (steps == 0) return;
    kept_.push_back({first, first + steps, take_slot(), slots});
    queue_.push_back({schedule_action::kind::store, false, 0, first, first});
}

std::size_t binomial_schedule::cut(interval& i) const
{
    return detail::binomial_cut(i.end - i.begin, i.room);
}

std::size_t binomial_schedule::room_after(const interval& i, std::size_t) const
{
    return i.room - 1;
}

} // namespace backtrail
