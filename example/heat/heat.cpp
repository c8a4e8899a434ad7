// SPDX-License-Identifier: BSD-3-Clause
// What is inside of the plate? Heat spreads over a plate for 2000 time steps, and 144 sensors read, with
// noise, how warm it is. From that the conductivity of each cell of a grid is found: log k is a
// variable (so k is positive), the steps are one loop, the misfit's gradient comes from one sweep back
// through it, and L-BFGS, the example's own, takes it from there.
//
// The temperatures of all steps are 79 MiB, and a run may hold 64 MiB: some steps are run again.
//
// A row for each iteration: the misfit in units of the noise, which is 1 if the readings are explained;
// what is minimised, which has a penalty on roughness in it; and how far the estimate is from the truth,
// which the method does not know. Every run prints the same. Pictures go to FOLDER: of log k as it is and as
// it was found, and of the adjoint of the temperature at three times of the first run, which says where
// and when more heat would have made the cost greater.
//
// usage: heat [FOLDER]
#include "lbfgs.hpp"
#include "model.hpp"
#include "picture.hpp"

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <iostream>

namespace {

using namespace example;
using namespace bt::literals;

constexpr int iterations = 40;
constexpr std::size_t limit = 64_MiB;
constexpr double roughness = 0.15; ///< how much log k is expected to change from a cell to the next

/// Half the sum of squares of what remains of the readings and of the steps between cells, each in units of
/// its deviation, for one reading.
tensor cost(const tensor& log_k, const tensor& misfit)
{
    const tensor down = view(log_k, xt::range(1, grid)) - view(log_k, xt::range(0, grid - 1));
    const tensor right =
        view(log_k, xt::all(), xt::range(1, grid)) - view(log_k, xt::all(), xt::range(0, grid - 1));
    constexpr double count = static_cast<double>(steps * sensors * sensors);
    return 0.5 * misfit +
           0.5 / (count * roughness * roughness) * (sum(square(down)) + sum(square(right)));
}

/// |k - truth| / |truth|
double relative_error(const field& log_k, const field& true_log_k)
{
    const field truth = xt::exp(true_log_k), difference = xt::exp(log_k) - truth;
    return std::sqrt(xt::sum(difference * difference)() / xt::sum(truth * truth)());
}

void print_memory(const bt::memory_plan& p)
{
    const auto mebibytes = [](std::size_t bytes) { return static_cast<double>(bytes) / 1_MiB; };
    std::printf(
        "of %.0f MiB a run holds %.1f, and could do with %.1f; it runs %llu of %td steps again\n\n",
        mebibytes(limit), mebibytes(p.peak_bytes), mebibytes(p.minimum_bytes),
        static_cast<unsigned long long>(p.recomputed()), steps);
}

/// Adjoints of the last run. No step was kept for this: those that are needed are run again.
void draw_adjoints(const bt::sweep& s, const std::string& folder)
{
    for (const int step : {500, 1000, 1500}) {
        const std::string number = std::to_string(step);
        const field u_bar = s.adjoint("u[" + number + "]");
        write_picture(folder + "/adjoint_" + number + ".png", u_bar, xt::amax(xt::abs(u_bar))());
    }
}

void solve(const std::string& folder)
{
    if (!folder.empty()) std::filesystem::create_directories(folder);
    const field truth = true_log_conductivity();
    bt::variable<double> log_k(xt::zeros<double>({grid, grid}));
    const tensor data = bt::constant(measurements());
    const tensor misfit = bt::tag("misfit", mean(square((readings(log_k) - data) / noise)));
    const tensor total = cost(log_k, misfit);

    bt::sweep s = reverse(total, bt::wrt(log_k));
    s.keep(bt::values("misfit")).memory(bt::budget(limit));
    print_memory(s.plan());

    const double error_before = relative_error(log_k.value(), truth);
    std::printf("%9s  %12s  %12s  %10s\n", "iteration", "misfit", "cost", "error");
    const auto print_row = [&](int iteration) {
        std::printf("%9d  %12.5f  %12.6f  %8.2f %%\n", iteration, s.value("misfit")(), s.value()(),
                    100.0 * relative_error(log_k.value(), truth));
        std::fflush(stdout);
    };
    lbfgs optimiser(s, log_k, 0.5);
    print_row(0);
    if (!folder.empty()) draw_adjoints(s, folder);
    const auto start = std::chrono::steady_clock::now();
    for (int iteration = 1; iteration <= iterations && optimiser.step(); ++iteration) {
        print_row(iteration);
    }
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    std::fprintf(stderr, "%d gradients, %.3f s each\n", optimiser.evaluations(),
                 elapsed.count() / (optimiser.evaluations() - 1));
    const double error = relative_error(log_k.value(), truth);
    std::printf("\nrelative error of the conductivity: %.2f %% before, %.2f %% after\n",
                100.0 * error_before, 100.0 * error);

    if (folder.empty()) return;
    write_picture(folder + "/truth.png", truth, 1.2);
    write_picture(folder + "/estimate.png", log_k.value(), 1.2);
}

} // namespace

int main(int argc, char** argv)
try {
    if (argc > 2 || (argc == 2 && argv[1][0] == '-')) {
        std::cerr << "usage: heat [FOLDER]\n";
        return 2;
    }
    solve(argc == 2 ? argv[1] : "");
    return 0;
} catch (const std::exception& e) {
    std::cerr << "heat: " << e.what() << '\n';
    return 1;
}
