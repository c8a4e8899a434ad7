// SPDX-License-Identifier: BSD-3-Clause
// Finding trouble: where a run first made a NaN or an infinity, and where two runs part.
#pragma once

#include <backtrail/core/error.hpp>
#include <backtrail/core/place.hpp>
#include <backtrail/sweep/sweep.hpp>

#include <string>
#include <vector>

namespace backtrail {

struct operand_value {
    std::string name;        ///< its tag, or the operation that made it
    std::string description; ///< the number it has there, or its shape and range
};

/// The first node, in the order of execution, that held something not finite.
struct nonfinite_report {
    std::string tag;       ///< its own; of a reverse node that of the node it belongs to; or empty
    std::string operation; ///< inside a statement, the op that made it
    bool is_reverse = false;
    std::vector<std::size_t> index;
    double value = 0;
    std::vector<operand_value> operands;
    source_place place; ///< of the statement or tag, if known
};

/// A run with `trap_nonfinite` met a NaN or an infinity.
class BACKTRAIL_API nonfinite_error : public error {
public:
    explicit nonfinite_error(nonfinite_report report);
    ~nonfinite_error() override;
    [[nodiscard]] const nonfinite_report& report() const { return report_; }

private:
    nonfinite_report report_;
};

/// The values and adjoints of the tags of one run, in the order of execution. Shares the arrays of the
/// run, which later runs leave alone.
class BACKTRAIL_API run_record {
public:
    struct entry {
        std::string path;
        bool is_adjoint = false;
        detail::result array;
    };
    /// What the last run of a sweep has kept under a name. Throws state_error if there is none.
    run_record(const sweep& s); // NOLINT: a sweep stands for its last run
    [[nodiscard]] const std::vector<entry>& entries() const { return entries_; }

private:
    std::vector<entry> entries_;
};

/// Where two runs part.
struct difference {
    bool found = false;
    std::string path;
    bool is_adjoint = false;
    std::vector<std::size_t> index;
    double first = 0, second = 0;
    std::string message; ///< all of it in words
    explicit operator bool() const { return found; }
};

/// The first tag, in the order of execution of run a, whose value differs in run b, or else the first
/// adjoint, from the output back: by more than `tolerance`, relative to the larger magnitude (0: at all;
/// NaN equals NaN). Tags that only one of them has kept are passed over; throws tag_error if they have
/// none in common.
[[nodiscard]] BACKTRAIL_API difference diff(const run_record& a, const run_record& b,
                                            double tolerance = 0);

} // namespace backtrail
