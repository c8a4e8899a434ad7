// SPDX-License-Identifier: BSD-3-Clause
#include "eigen_contender.hpp"

namespace {

using namespace bench;

template <class T>
struct solver {
    using matrix = eigen_matrix<T>;
    using row = Eigen::Matrix<T, 1, Eigen::Dynamic>;
    matrix x;
    std::vector<Eigen::Index> labels;
    std::vector<matrix> w, h, w_bar;
    std::vector<row> b, b_bar;
    matrix delta, below;
    T loss = 0;

    void run()
    {
        for (std::size_t k = 0; k < w.size(); ++k) {
            h[k].noalias() = (k == 0 ? x : h[k - 1]) * w[k];
            h[k].rowwise() += b[k];
            if (k + 1 < w.size()) h[k] = h[k].array().tanh();
        }
        softmax();
        for (std::size_t k = w.size(); k-- > 0;) {
            w_bar[k].noalias() = (k == 0 ? x : h[k - 1]).transpose() * delta;
            b_bar[k] = delta.colwise().sum();
            if (k == 0) break;
            below.noalias() = delta * w[k].transpose();
            delta = below.array() * (T(1) - h[k - 1].array().square());
        }
    }
    void softmax()
    {
        const auto n = static_cast<T>(labels.size());
        delta = (h.back().colwise() - h.back().rowwise().maxCoeff()).array().exp();
        loss = 0;
        for (Eigen::Index i = 0; i < delta.rows(); ++i) {
            const T total = delta.row(i).sum();
            T& of_label = delta(i, labels[static_cast<std::size_t>(i)]);
            loss += std::log(total / of_label) / n;
            of_label -= total;
            delta.row(i) *= 1 / (total * n);
        }
    }
    [[nodiscard]] std::vector<numbers> gradients() const
    {
        std::vector<numbers> all;
        for (std::size_t k = 0; k < w.size(); ++k) {
            all.push_back(all_numbers(w_bar[k]));
            all.push_back(all_numbers(b_bar[k]));
        }
        return all;
    }
};

const registration rival_of_w3(rival{
    "W3", []<class T>(problem<T>& p) {
        constexpr std::size_t widths[] = {784, 512, 512, 10};
        auto s = std::make_shared<solver<T>>();
        s->x = matrix_map(p.input("x"), p.size(), widths[0]);
        for (std::size_t i = 0; i < p.size(); ++i) {
            s->labels.push_back(static_cast<Eigen::Index>(p.input("labels")[i]));
        }
        for (std::size_t k = 0; k < 3; ++k) {
            const std::string index = std::to_string(k);
            s->w.push_back(matrix_map(p.input("w" + index), widths[k], widths[k + 1]));
            s->b.push_back(matrix_map(p.input("b" + index), 1, widths[k + 1]));
        }
        s->h.resize(3), s->w_bar.resize(3), s->b_bar.resize(3);
        p.add(eigen_contender(std::move(s)));
    }});

} // namespace
