// SPDX-License-Identifier: BSD-3-Clause
// oracle_runner: the library against reference data computed outside the project.
//   oracle_runner DIR [OP ...]          value, vjp, jvp and hvp of every variant of every op
//   oracle_runner --ulp DIR [OP ...]    accuracy of functions in units in the last place
// One line per op, then `N passed, N failed, N skipped`. Exit code: 0, 1 if an op failed, 2 if the
// data or the arguments are no good, 77 (Meson: skipped) if DIR is not there.
#include "check.hpp"
#include "manifest.hpp"
#include "registry.hpp"
#include "ulp.hpp"

#include <algorithm>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace {

enum exit_code { all_passed = 0, some_failed = 1, bad_data = 2, skipped = 77 };

/// Prints a line for each op and counts.
class report {
public:
    explicit report(std::vector<std::string> only) : only_(std::move(only)), unseen_(only_) {}

    /// Nothing, if ops were named and this is none of them; else calls `check`, which returns
    /// whether the op has passed and what to say of it.
    template <class Check>
    void line(const std::string& name, const oracle::op* o, Check check)
    {
        if (!only_.empty() && std::ranges::find(only_, name) == only_.end()) return;
        std::erase(unseen_, name);
        std::cout << std::left << std::setw(22) << name << ' ';
        if (o == nullptr) {
            ++skipped_;
            std::cout << "not offered" << std::endl;
            return;
        }
        const auto [has_passed, text] = check(*o);
        ++(has_passed ? passed_ : failed_);
        std::cout << (has_passed ? "ok" : "FAILED") << (text.empty() ? "" : "  ") << text
                  << std::endl;
    }

    /// The last line. An op that was named and never came up is a mistake of the caller.
    [[nodiscard]] exit_code close() const
    {
        for (const std::string& name : unseen_) {
            std::cerr << "no op " << name << " here" << std::endl;
        }
        std::cout << passed_ << " passed, " << failed_ << " failed, " << skipped_ << " skipped\n";
        if (!unseen_.empty()) return bad_data;
        return failed_ > 0 ? some_failed : all_passed;
    }

private:
    std::vector<std::string> only_, unseen_;
    std::size_t passed_ = 0, failed_ = 0, skipped_ = 0;
};

using verdict = std::pair<bool, std::string>;

void run_ops(const std::filesystem::path& folder, report& lines)
{
    const oracle::registry ops = oracle::all_ops();
    for (const oracle::op_entry& entry : oracle::read_op_manifest(folder)) {
        lines.line(entry.name, ops.find(entry.name), [&](const oracle::op& o) -> verdict {
            const oracle::tally t = oracle::check_op(o, entry, npz::archive(folder / entry.file));
            return {t.has_passed(), t.has_passed() ? "" : t.summary()};
        });
    }
}

std::string to_text(const oracle::worst_ulp& worst)
{
    std::ostringstream s;
    s << std::fixed << std::setprecision(2) << std::setw(6) << worst.error << " ULP at "
      << std::defaultfloat << std::setprecision(17) << worst.at;
    return s.str();
}

verdict accuracy_of(const oracle::op& o, const std::filesystem::path& file)
{
    const npz::archive table(file);
    try {
        const oracle::accuracy found = oracle::measure_accuracy(o, table);
        return {found.value.error <= oracle::value_ulps_allowed &&
                    found.derivative.error <= oracle::derivative_ulps_allowed,
                "value " + to_text(found.value) + ", derivative " + to_text(found.derivative)};
    } catch (const npz::error&) {
        throw;
    } catch (const std::exception& e) {
        return {false, std::string("throws: ") + e.what()};
    }
}

void run_ulp(const std::filesystem::path& folder, report& lines)
{
    const oracle::registry ops = oracle::all_ops();
    for (const std::string& name : oracle::read_ulp_manifest(folder)) {
        lines.line(name, ops.find(name),
                   [&](const oracle::op& o) { return accuracy_of(o, folder / (name + ".npz")); });
    }
}

} // namespace

int main(int argc, char** argv)
{
    std::vector<std::string> words(argv + 1, argv + argc);
    const bool wants_ulp = !words.empty() && words[0] == "--ulp";
    if (wants_ulp) words.erase(words.begin());
    if (words.empty() || words[0].starts_with("-")) {
        std::cerr << "usage: oracle_runner [--ulp] DIR [OP ...]\n";
        return bad_data;
    }
    const std::filesystem::path folder = words[0];
    words.erase(words.begin());
    if (!std::filesystem::is_directory(folder)) {
        std::cout << "skipped: " << folder.string() << " is not there" << std::endl;
        return skipped;
    }
    report lines(words);
    try {
        if (wants_ulp) {
            run_ulp(folder, lines);
        } else {
            run_ops(folder, lines);
        }
    } catch (const std::exception& e) {
        std::cout << std::endl;
        std::cerr << "oracle_runner: " << e.what() << std::endl;
        return bad_data;
    }
    return lines.close();
}
