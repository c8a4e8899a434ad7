// SPDX-License-Identifier: BSD-3-Clause
// States of unequal size under a budget in bytes. With R bytes free and state a kept, steps [a, b) are
// reversed without keeping another state, or state k is kept on the way:
//     opt(a, b, R) = min( sum_{a<j<b} f[a..j),
//                         min_k  f[a..k) + opt(k, b, R - m_k) + opt(a, k, R) ).
#include <backtrail/core/error.hpp>
#include <backtrail/plan/schedule.hpp>

#include <algorithm>
#include <numeric>
#include <string>

namespace backtrail {

byte_schedule::byte_schedule(std::span<const std::uint64_t> step_costs,
                             std::span<const std::size_t> state_bytes, std::size_t budget,
                             std::size_t resolution)
    : steps_(step_costs.size())
{
    if (state_bytes.size() != steps_) {
        throw value_error("[schedule] " + std::to_string(steps_) +
                          " steps begin with as many "
                          "states, not " +
                          std::to_string(state_bytes.size()));
    }
    if (steps_ == 0) return;
    if (state_bytes[0] > budget) {
        throw value_error("[schedule] the first state needs " + std::to_string(state_bytes[0]) +
                          " bytes, more than the budget of " + std::to_string(budget));
    }
    const std::size_t rest = budget - state_bytes[0];
    std::size_t unit = 0;
    for (const std::size_t bytes : state_bytes) unit = std::gcd(unit, bytes);
    unit = std::max({unit, std::size_t{1}, rest / std::max<std::size_t>(resolution, 1)});
    units_ = rest / unit;
    for (const std::size_t bytes : state_bytes) {
        size_.push_back(bytes / unit + (bytes % unit != 0 ? 1 : 0));
    }
    solve(step_costs);
    kept_.push_back({0, steps_, take_slot(), units_});
    queue_.push_back({schedule_action::kind::store, false, 0, 0, 0});
}

void byte_schedule::solve(std::span<const std::uint64_t> step_costs)
{
    std::vector<std::uint64_t> sum(steps_ + 1, 0); // of the costs before a step
    for (std::size_t k = 0; k < steps_; ++k) sum[k + 1] = sum[k] + step_costs[k];
    std::vector<std::uint64_t> cost((steps_ + 1) * (steps_ + 1) * (units_ + 1), 0);
    choice_.assign(cost.size(), 0);
    for (std::size_t n = 2; n <= steps_; ++n) {
        for (std::size_t a = 0; a + n <= steps_; ++a) {
            const std::size_t b = a + n;
            std::uint64_t without = 0;
            for (std::size_t j = a + 1; j < b; ++j) without += sum[j] - sum[a];
            for (std::size_t room = 0; room <= units_; ++room) {
                std::uint64_t least = without;
                std::size_t best = 0;
                for (std::size_t k = a + 1; k < b; ++k) {
                    if (size_[k] > room) continue;
                    const std::uint64_t with =
                        sum[k] - sum[a] + cost[at(k, b, room - size_[k])] + cost[at(a, k, room)];
                    if (with < least) {
                        least = with;
                        best = k - a;
                    }
                }
                cost[at(a, b, room)] = least;
                choice_[at(a, b, room)] = static_cast<std::uint32_t>(best);
            }
        }
    }
    total_ = cost[at(0, steps_, units_)];
}

std::size_t byte_schedule::cut(interval& i) const
{
    if (i.room == restarts) return 0;
    const std::size_t k = choice_[at(i.begin, i.end, i.room)];
    if (k == 0) i.room = restarts; // the sum without any other state was the least
    return k;
}

std::size_t byte_schedule::room_after(const interval& i, std::size_t at) const
{
    return i.room - size_[at];
}

} // namespace backtrail
