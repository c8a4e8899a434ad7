// SPDX-License-Identifier: BSD-3-Clause
// Reads the examples' data: files of numbers, a row a line, separated by commas.
#pragma once

#include <backtrail/backtrail.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#ifndef BACKTRAIL_EXAMPLE_DATA
#define BACKTRAIL_EXAMPLE_DATA "example/data" // seen from the root of the source tree
#endif

namespace example {

/// Where a data file of the examples lies.
inline std::string data_file(const std::string& name)
{
    return std::string(BACKTRAIL_EXAMPLE_DATA) + "/" + name;
}

/// Appends the numbers of one line. Throws std::runtime_error that says what is no number.
inline void parse_line(const std::string& line, std::vector<double>& numbers)
{
    const char* at = line.data();
    const char* const end = at + line.size();
    for (;; ++at) {
        double number = 0.0;
        const auto [after, failure] = std::from_chars(at, end, number);
        if (failure != std::errc{} || !std::isfinite(number) || (after != end && *after != ',')) {
            const std::string field(at, std::find(at, end, ','));
            throw std::runtime_error("'" + field + "' is not a number");
        }
        numbers.push_back(number);
        if (after == end) return;
        at = after;
    }
}

/// The file as an array of shape (rows, columns), without its first `header` lines.
/// Throws std::runtime_error naming the file and the line if it cannot be read or is malformed.
inline xt::xarray<double> read_csv(const std::string& file, std::size_t columns,
                                   std::size_t header = 0)
{
    std::ifstream stream(file);
    if (!stream) throw std::runtime_error("cannot open " + file);

    std::vector<double> numbers;
    std::size_t rows = 0, line_number = 0;
    for (std::string line; std::getline(stream, line);) {
        if (++line_number <= header) continue;
        if (!line.empty() && line.back() == '\r') line.pop_back();
        try {
            parse_line(line, numbers);
            const std::size_t found = numbers.size() - rows * columns;
            if (found != columns) {
                throw std::runtime_error(std::to_string(columns) + " numbers expected, not " +
                                         std::to_string(found));
            }
        } catch (const std::runtime_error& e) {
            throw std::runtime_error(file + ":" + std::to_string(line_number) + ": " + e.what());
        }
        ++rows;
    }
    if (stream.bad()) throw std::runtime_error("cannot read " + file);
    if (rows == 0) throw std::runtime_error(file + ": no data");
    xt::xarray<double> result = xt::adapt(numbers, std::vector<std::size_t>{rows, columns});
    return result;
}

} // namespace example
