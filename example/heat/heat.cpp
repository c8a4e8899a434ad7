// SPDX-License-Identifier: BSD-3-Clause
// What is inside of the plate? Heat spreads over a plate for 2000 time steps, and 144 sensors read, with
// noise, how warm it is. From that the conductivity of each cell of a grid is found: log k is a
// variable (so k is positive), the steps are one loop, the misfit's gradient comes from one sweep back
// through it, and L-BFGS, the example's own, takes it from there.
//
// A row for each iteration: the misfit in units of the noise, which is 1 if the readings are explained;
// what is minimised, which has a penalty on roughness in it; and how far the estimate is from the truth,
// which the method does not know. Every run prints the same; pictures go to FOLDER.
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

constexpr int iterations = 40;
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

void print_memory(const bt::sweep& s)
{
    std::printf("a run holds %.1f MiB\n\n",
                static_cast<double>(s.peak_bytes()) / (1024.0 * 1024.0));
}

void solve(const std::string& folder)
{
    const field truth = true_log_conductivity();
    bt::variable<double> log_k(xt::zeros<double>({grid, grid}));
    const tensor data = bt::constant(measurements());
    const tensor misfit = bt::tag("misfit", mean(square((readings(log_k) - data) / noise)));
    const tensor total = cost(log_k, misfit);

    bt::sweep s = reverse(total, bt::wrt(log_k));
    print_memory(s);

    const double error_before = relative_error(log_k.value(), truth);
    std::printf("%9s  %12s  %12s  %10s\n", "iteration", "misfit", "cost", "error");
    const auto print_row = [&](int iteration) {
        std::printf("%9d  %12.5f  %12.6f  %8.2f %%\n", iteration, s.value("misfit")(), s.value()(),
                    100.0 * relative_error(log_k.value(), truth));
        std::fflush(stdout);
    };
    const auto start = std::chrono::steady_clock::now();
    lbfgs optimiser(s, log_k, 0.5);
    print_row(0);
    for (int iteration = 1; iteration <= iterations && optimiser.step(); ++iteration) {
        print_row(iteration);
    }
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    std::fprintf(stderr, "%d gradients, %.3f s each\n", optimiser.evaluations(),
                 elapsed.count() / optimiser.evaluations());
    const double error = relative_error(log_k.value(), truth);
    std::printf("\nrelative error of the conductivity: %.2f %% before, %.2f %% after\n",
                100.0 * error_before, 100.0 * error);

    if (folder.empty()) return;
    std::filesystem::create_directories(folder);
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
