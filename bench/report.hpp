// SPDX-License-Identifier: BSD-3-Clause
// What the suite measured, for reading and for programs.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace bench {

struct row {
    std::string contender;
    int threads;
    double median, lower, upper; ///< seconds of one run: median and quartiles
    std::optional<double> ratio; ///< to the reference with as many threads
    std::optional<double> gain;  ///< how many times faster than with one thread
    std::optional<std::size_t> bytes;
    bool is_reference;
};

struct table {
    std::string workload, what, size, type;
    std::vector<row> rows;
};

void print(const table& t);
/// Throws std::runtime_error if the file cannot be written.
void write_json(const std::string& path, const std::vector<table>& all);

} // namespace bench
