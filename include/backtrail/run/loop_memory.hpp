// SPDX-License-Identifier: BSD-3-Clause
// What runs with loops hold, and how many states each loop may keep under a limit.
#pragma once

#include <backtrail/run/executor.hpp>

#include <memory>
#include <optional>
#include <string>

namespace backtrail {

class body;
class loop_settings;
class mixed_table;

namespace detail {

/// The same values made of loops that nobody else has, so that what is set for them concerns this
/// request alone, and so does their memory.
[[nodiscard]] std::vector<node_ptr> with_own_loops(std::span<const node_ptr> requested);

/// A loop that a request reverses, and what it keeps for that.
struct reversed_loop {
    std::shared_ptr<loop_settings> settings;
    std::string_view name;
    std::vector<std::string> tags;    ///< in its body
    std::optional<std::size_t> steps; ///< nothing: not known before it has run
    bool is_shared = false;           ///< runs on its way to the result, too, and keeps states then
    bool is_outermost = false;        ///< not in the body of another
    bool is_recorded = false;         ///< keeps records, of all steps if there is no table
    std::size_t bytes = 0;            ///< of a state, or of a step's record
    std::vector<std::size_t> given;   ///< states among its results, which need not be kept
    double weight = 0;     ///< operations of a step, times how often the loop is reversed
    std::size_t slots = 0; ///< states kept at once; 0: all, or all records
    /// Instead, states and records in room for both; nothing: there is no such choice.
    std::shared_ptr<const mixed_table> table;
    std::size_t room = 0;       ///< in the table's units
    std::size_t room_bytes = 0; ///< with what the table takes itself

    /// The most that are of use.
    [[nodiscard]] std::size_t most() const;
    /// Steps that a reversal runs without reversing them, for a known length.
    [[nodiscard]] std::uint64_t advances(std::size_t slots) const;
    /// How often steps are run, on the way to the result and while they are reversed too, as chosen.
    [[nodiscard]] std::uint64_t evaluations() const;
    /// Beyond once to get there, and once to be reversed.
    [[nodiscard]] std::uint64_t recomputed() const;
};

/// How the memory of a run divides: a part that is always needed, and what loops keep.
class loop_memory {
public:
    /// Plans the bodies of the executor's loops. Holds no memory.
    explicit loop_memory(const executor& run, whose outputs = whose::own);

    /// The least that a run can do with.
    [[nodiscard]] std::size_t minimum_bytes() const;
    /// What a run holds with the present choice. Of loops of unknown length that keep everything one step
    /// is counted.
    [[nodiscard]] std::size_t peak_bytes() const { return peak_of(chosen()); }
    [[nodiscard]] std::span<const reversed_loop> loops() const { return chosen().loops; }
    /// Steps of outermost loops that a run does, if their numbers are known.
    [[nodiscard]] std::optional<std::uint64_t> steps() const;

    /// Whether everything is kept, so that nothing is computed again: the choice without a budget.
    [[nodiscard]] bool keeps_everything() const { return choice_ == choice::everything; }
    /// Chooses what is kept so that a run holds at most `budget` bytes, which must be no less than the
    /// minimum: everything if it fits, else states. The choices for all budgets lie on one way from the
    /// minimum to all states, taken state by state where it saves the most operations for its bytes, so
    /// that a larger budget never computes more. A single loop may keep records of some steps beside
    /// states, where that saves more.
    void fit(std::size_t budget);

private:
    /// One of two ways to run: with the bodies that make records, or without.
    struct way {
        bool records = false;
        std::size_t fixed = 0;
        std::vector<const void*> seen; ///< bodies
        std::vector<reversed_loop> loops;
        std::uint64_t steps = 0; ///< of outermost loops, on their way to their results
        bool is_known = true;    ///< how many
        std::size_t depth = 0;   ///< of loops around what is looked at
    };
    enum class choice : std::uint8_t { everything, states, mixture };
    [[nodiscard]] const way& chosen() const
    {
        return choice_ == choice::states ? states_ : everything_;
    }
    [[nodiscard]] static std::size_t peak_of(const way& w);
    [[nodiscard]] static bool is_countable(const way& w);
    [[nodiscard]] std::size_t minimum_of_states() const;
    static std::size_t add(way& w, const plan& p, double times);
    static std::size_t add_body(way& w, const body& b, double times,
                                std::span<const std::size_t> shared);
    void fit_states(std::size_t room);
    [[nodiscard]] bool fit_mixture(std::size_t budget);
    void set();

    way everything_, states_;
    std::optional<std::size_t> bytes_of_everything_; ///< nothing: not known before a run
    choice choice_ = choice::everything;
};

} // namespace detail
} // namespace backtrail
