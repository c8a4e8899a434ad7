// SPDX-License-Identifier: BSD-3-Clause
// The main() of every test program: Boost.Test, reporting in TAP so that Meson counts cases rather
// than programs. Messages of failed checks go to stderr. Boost.Test's own options work as ever.
#include <boost/test/results_collector.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <iostream>
#include <string>

namespace {

namespace ut = boost::unit_test;

/// One TAP line per finished test case, the number of lines at the end.
class tap_reporter : public ut::test_observer {
public:
    void test_unit_finish(const ut::test_unit& unit, unsigned long) override
    {
        if (unit.p_type != ut::TUT_CASE) return;
        const ut::test_results& results = ut::results_collector.results(unit.p_id);
        report(unit, results.passed() ? "ok " : "not ok ", results.p_skipped ? " # SKIP" : "");
    }

    void test_unit_skipped(const ut::test_unit& unit, ut::const_string) override
    {
        if (unit.p_type == ut::TUT_CASE && unit.is_enabled()) report(unit, "ok ", " # SKIP");
    }

    void test_finish() override { std::cout << "1.." << count_ << std::endl; }

    int priority() override { return 100; } // after the collector has its results

private:
    void report(const ut::test_unit& unit, const char* verdict, const char* directive)
    {
        std::string name = unit.full_name();
        std::replace(name.begin(), name.end(), '#', '_'); // starts a directive
        std::cout << verdict << ++count_ << " - " << name << directive << std::endl;
    }

    int count_ = 0;
};

tap_reporter reporter;

bool initialise()
{
    ut::unit_test_log.set_stream(std::cerr);
    ut::framework::register_observer(reporter);
    return true;
}

} // namespace

int main(int argc, char** argv) { return ut::unit_test_main(&initialise, argc, argv); }
