// SPDX-License-Identifier: BSD-3-Clause
// One result against what is wanted, and the tally of such comparisons.
#pragma once

#include "convert.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace oracle {

/// How a result differs from what is wanted.
struct difference {
    double excess; ///< error in units of the tolerance; infinite if no number can say it
    std::string text;
};

/// Nothing if dtype and shape are equal and every element is: NaN equals NaN, infinities must be
/// the same, numbers may be off by `allowed * max(1, the largest finite magnitude wanted)`.
[[nodiscard]] std::optional<difference> compare(const dense& got, const dense& wanted,
                                                double allowed);

/// What came of the checks of one op.
class tally {
public:
    /// Takes the outcome of one check; `where` reads `v03 vjp0`.
    void count(const std::string& where, const std::optional<difference>& d);
    /// A check that could not be made.
    void count_exception(const std::string& where, const std::string& message);

    [[nodiscard]] bool has_passed() const { return failed_ == 0; }
    /// The worst failure, and how many there are.
    [[nodiscard]] std::string summary() const;

private:
    std::size_t made_ = 0, failed_ = 0;
    double worst_excess_ = 0;
    std::string worst_;
};

} // namespace oracle
