// SPDX-License-Identifier: BSD-3-Clause
// The errors a user can make, each a type of its own. They are thrown where a node is built, so
// that the stack points at the user's line, and read `[operation] what is wrong; where`.
#pragma once

#include <backtrail/core/export.hpp>

#include <stdexcept>
#include <string>

namespace backtrail {

/// Base of everything the library throws.
class BACKTRAIL_API error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
    ~error() override;
};

/// Shapes, ranks or axes that do not fit together.
class BACKTRAIL_API shape_error : public error {
public:
    using error::error;
    ~shape_error() override;
};

/// An array of one element type where another is wanted.
class BACKTRAIL_API dtype_error : public error {
public:
    using error::error;
    ~dtype_error() override;
};

/// An index, slice or axis outside its range.
class BACKTRAIL_API index_error : public error {
public:
    using error::error;
    ~index_error() override;
};

/// An argument outside the domain of a function of the library.
class BACKTRAIL_API value_error : public error {
public:
    using error::error;
    ~value_error() override;
};

/// A derivative that does not exist was read as a number.
class BACKTRAIL_API unconnected_error : public error {
public:
    using error::error;
    ~unconnected_error() override;
};

/// A tag that is unknown, ambiguous or malformed.
class BACKTRAIL_API tag_error : public error {
public:
    using error::error;
    ~tag_error() override;
};

/// Something was asked for at a time when it is not there (before a run, after a change).
class BACKTRAIL_API state_error : public error {
public:
    using error::error;
    ~state_error() override;
};

/// A memory budget that no plan can meet.
class BACKTRAIL_API budget_error : public error {
public:
    using error::error;
    ~budget_error() override;
};

/// Something that was computed again came out otherwise than the first time.
class BACKTRAIL_API recomputation_error : public error {
public:
    using error::error;
    ~recomputation_error() override;
};

/// A run was asked to stop.
class BACKTRAIL_API cancelled_error : public error {
public:
    using error::error;
    ~cancelled_error() override;
};

} // namespace backtrail
