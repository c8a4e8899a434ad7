// SPDX-License-Identifier: BSD-3-Clause
// Trains a 64-64-10 network on 1437 of 1797 handwritten digits, tests it on the other 360, and
// shows what tags are for: the table watches two layers from within, and a record of histograms of
// them goes to RECORD, a line of JSON for each epoch. Every run prints the same.
//
// usage: digits [FILE [RECORD]]      (default: example/data/digits.csv, and no record)
#include "data.hpp"
#include "optimiser.hpp"
#include "report.hpp"

#include <fstream>
#include <iostream>

namespace {

using namespace example;

constexpr std::size_t train_size = 1437, hidden_size = 64, batch_size = 32;
constexpr int epochs = 25;
constexpr double peak_rate = 0.2;
constexpr std::uint64_t seed = 1;

struct network {
    bt::variable<double> W1, b1, W2, b2;

    explicit network(std::mt19937_64& random)
        : W1(uniform_weights(pixels, hidden_size, random)), b1(xt::zeros<double>({hidden_size})),
          W2(uniform_weights(hidden_size, classes, random)), b2(xt::zeros<double>({classes}))
    {}
    [[nodiscard]] bt::tensor<double> operator()(const bt::tensor<double>& images) const
    {
        bt::tensor<double> hidden = bt::tag("hidden", tanh(matmul(images, W1) + b1));
        return bt::tag("logits", matmul(hidden, W2) + b2);
    }
};

void train(const digits& training, const digits& test, std::mt19937_64& random, const char* record)
{
    network net(random);

    // One graph for a batch, replayed for each: the batch is two variables that are assigned.
    bt::variable<double> x(xt::zeros<double>({batch_size, pixels}));
    bt::variable<double> y(xt::zeros<double>({batch_size, classes}));
    bt::tensor<double> loss = cross_entropy(net(x), y);
    bt::sweep s = reverse(loss, bt::wrt(net.W1, net.b1, net.W2, net.b2));
    // Figures of the two layers, folded inside the run: the layers themselves are not stored for it.
    s.keep(bt::values("hidden", "logits") | bt::moments(),
           bt::adjoints("hidden", "logits") | bt::l2norm());

    // Another for the test set, on the same weights.
    bt::tensor<std::int64_t> answer = argmax(net(bt::constant(test.images)), 1);
    bt::tensor<double> accuracy = mean(bt::cast<double>(answer == test.labels));

    momentum optimiser({net.W1, net.b1, net.W2, net.b2});
    // An epoch leaves out the last, short batch; the order changes, so they are others each time.
    const std::size_t batches = training.size() / batch_size;
    std::ofstream history;
    if (record != nullptr) {
        history.open(record);
        if (!history) throw std::runtime_error(std::string("cannot write ") + record);
        bt::inspect::record(history, s, {.every = batches}); // the last batch of each epoch
    }
    progress_line progress;
    print_heading();
    for (int epoch = 1; epoch <= epochs; ++epoch) {
        const auto order = shuffled(training.size(), random);
        double loss_sum = 0.0;
        tag_figures hidden, logits;
        for (std::size_t batch = 0; batch < batches; ++batch) {
            const auto first = order.begin() + static_cast<std::ptrdiff_t>(batch * batch_size);
            const std::vector<std::size_t> chosen(first, first + batch_size);
            x = rows(training.images, chosen);
            y = rows(training.one_hot, chosen);
            s.run();
            loss_sum += s.value()();
            hidden.add(s.value("hidden", bt::moments()), s.adjoint("hidden", bt::l2norm()));
            logits.add(s.value("logits", bt::moments()), s.adjoint("logits", bt::l2norm()));

            const double done = static_cast<double>((epoch - 1) * batches + batch) /
                                static_cast<double>(epochs * batches);
            optimiser.step(s, scheduled_rate(peak_rate, done));
            progress.draw("epoch " + std::to_string(epoch) + " of " + std::to_string(epochs), done);
        }
        progress.clear();
        print_row(epoch, loss_sum / static_cast<double>(batches), accuracy.value()(), hidden,
                  logits);
    }
    const double share = accuracy.value()();
    std::printf("\ntest accuracy: %.2f %%, %.0f of %zu digits\n", 100.0 * share,
                share * static_cast<double>(test.size()), test.size());
}

} // namespace

int main(int argc, char** argv)
try {
    if (argc > 3 || (argc >= 2 && argv[1][0] == '-')) {
        std::cerr << "usage: digits [FILE [RECORD]]\n";
        return 2;
    }
    const auto all = read_digits(argc >= 2 ? argv[1] : data_file("digits.csv"));
    if (all.size() <= train_size) {
        throw std::runtime_error("more than " + std::to_string(train_size) +
                                 " digits expected, not " + std::to_string(all.size()));
    }
    std::mt19937_64 random(seed);
    const auto order = shuffled(all.size(), random);
    const auto middle = order.begin() + train_size;
    train(take(all, {order.begin(), middle}), take(all, {middle, order.end()}), random,
          argc == 3 ? argv[2] : nullptr);
    return 0;
} catch (const std::exception& e) {
    std::cerr << "digits: " << e.what() << '\n';
    return 1;
}
