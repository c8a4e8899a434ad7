// SPDX-License-Identifier: BSD-3-Clause
// Generated from the catalogue: each op as a node of a graph, in float and double, on 0-d, empty,
// size-1, broadcast, strided and aliased arguments. Values against the op on single numbers, both
// modes and second order by check_gradient, and the errors.
#include "catalogue.hpp"

#include <backtrail/backtrail.hpp>
#include <backtrail/graph/node.hpp>

using namespace backtrail;
using namespace backtrail::test;

namespace {

constexpr double two_errors = 8; // in ULP: each side is within four

template <class T>
xt::xarray<T> random_array(const op_data& op, const std::vector<std::size_t>& shape,
                           std::uint64_t seed)
{
    xt::xarray<T> a = xt::zeros<T>(shape);
    const auto values = random_arguments<T>(op, a.size(), seed);
    std::copy_n(values.begin(), a.size(), a.begin());
    return a;
}

template <class T>
variable<T> random_variable(const op_data& op, const std::vector<std::size_t>& shape,
                            std::uint64_t seed)
{
    return variable<T>(random_array<T>(op, shape, seed));
}

node_ptr apply_op(const op_data& op, const std::vector<node_ptr>& x)
{
    const std::vector<symbol> operands(x.begin(), x.end());
    return record(op.index, operands).get();
}

template <class T>
std::vector<T> read(const node_ptr& n)
{
    const auto as_vector = [](const auto& a) { return std::vector<T>(a.begin(), a.end()); };
    if (n->type() == dtype::boolean) {
        return as_vector(tensor<bool>(detail::from_node, n).value());
    }
    return as_vector(tensor<T>(detail::from_node, n).value());
}

/// Operand lists for an op: all of one shape, then with broadcasting.
template <class T>
std::vector<std::vector<node_ptr>> arguments(const op_data& op,
                                             const std::vector<std::size_t>& shape)
{
    const auto one = [&](const std::vector<std::size_t>& s, std::uint64_t seed) {
        return random_variable<T>(op, s, seed).get_node();
    };
    if (op.arity == 1) return {{one(shape, 1)}};
    if (op.arity == 3) return {{one(shape, 1), one(shape, 2), one({}, 3)}};
    std::vector<std::vector<node_ptr>> lists = {{one(shape, 1), one(shape, 2)},
                                                {one(shape, 1), one({}, 3)}};
    if (!shape.empty()) lists.push_back({one({1}, 4), one(shape, 1)});
    if (shape.size() > 1) lists.push_back({one(shape, 1), one({shape.back()}, 5)});
    return lists;
}

template <class T>
void check_values(const op_data& op)
{
    for (const auto& shape :
         std::vector<std::vector<std::size_t>>{{}, {0}, {1}, {5}, {2, 0, 3}, {3, 4}, {2, 3, 257}}) {
        for (const auto& x : arguments<T>(op, shape)) {
            std::vector<std::vector<T>> in;
            for (const auto& n : x) in.push_back(read<T>(n));
            const auto got = read<T>(apply_op(op, x));
            for (std::size_t i = 0; i < got.size(); ++i) {
                T one[3] = {}; // operands broadcast over leading axes: their elements repeat
                for (std::size_t j = 0; j < op.arity; ++j) one[j] = in[j][i % in[j].size()];
                BOOST_TEST(ulps(got[i], op.scalar(one)) <= two_errors, "element " << i);
            }
        }
    }
}

template <class T>
void check_strided(const op_data& op)
{
    using xt::placeholders::_;
    const xt::xarray<T> whole = random_array<T>(op, {4, 6}, 7);
    const xt::xarray<T> part = xt::transpose(xt::view(whole, xt::all(), xt::range(5, _, -2)));
    const tensor<T> strided = transpose(view(constant(whole), xt::all(), xt::range(5, _, -2)));
    const tensor<T> dense = constant(part);
    const auto lists = [&](const tensor<T>& t) {
        const node_ptr a = t.get_node();
        const node_ptr row = tensor<T>(view(t, 0)).get_node();
        return std::vector<std::vector<node_ptr>>{std::vector<node_ptr>(op.arity, a),
                                                  std::vector<node_ptr>(op.arity, row)};
    };
    for (std::size_t k = 0; k < 2; ++k) {
        const auto got = read<T>(apply_op(op, lists(strided)[k]));
        const auto want = read<T>(apply_op(op, lists(dense)[k]));
        BOOST_TEST(std::memcmp(got.data(), want.data(), got.size() * sizeof(T)) == 0);
    }
}

/// True for remainders, say, whose differences tell nothing of the derivative near a jump.
bool jumps_at_equal_operands(const op_data& op)
{
    const double x = (op.domain.low + op.domain.high) / 2 + 0.1;
    const double below[] = {x * (1 - 1e-9), x}, above[] = {x * (1 + 1e-9), x};
    return std::abs(op.scalar(below) - op.scalar(above)) > 1e-3;
}

template <class T>
void check_derivatives(const op_data& op)
{
    // Those that jump are differentiated at random shapes, where the operands keep away from it.
    if (op.is_predicate || (op.arity == 2 && jumps_at_equal_operands(op))) return;
    const auto check = [&](const node_ptr& y, const std::vector<node_ptr>& x) {
        const gradient_report report = detail::check_gradient(y, x, {});
        BOOST_TEST(report.ok, report.message);
    };
    for (const auto& shape : std::vector<std::vector<std::size_t>>{{}, {1}, {3, 4}}) {
        for (auto x : arguments<T>(op, shape)) {
            if (op.chooses) {
                const node_ptr c =
                    tensor<bool>(tensor<T>(detail::from_node, x[0]) > 0.0).get_node();
                check(apply_op(op, {c, x[1], x[2]}), {x[1], x[2]});
            } else {
                check(apply_op(op, x), x);
            }
        }
    }
    if (op.arity == 2) {
        const node_ptr x = random_variable<T>(op, {3, 4}, 1).get_node();
        check(apply_op(op, {x, x}), {x});
    }
    const variable<T> empty = random_variable<T>(op, {0, 3}, 1);
    const tensor<T> y(detail::from_node,
                      apply_op(op, std::vector<node_ptr>(op.arity, empty.get_node())));
    BOOST_TEST((grad(sum(y), empty).shape() == shape{0, 3}));
    BOOST_TEST(grad(sum(y), empty).value().size() == 0u);
}

template <class T>
void check_errors(const op_data& op)
{
    const variable<T> x = random_variable<T>(op, {3, 4}, 1),
                      wrong = random_variable<T>(op, {3, 5}, 2);
    if (op.arity == 2) {
        BOOST_CHECK_EXCEPTION(apply_op(op, {x.get_node(), wrong.get_node()}), shape_error,
                              [&](const shape_error& e) {
                                  const std::string text = e.what();
                                  return text.starts_with("[" + op.name + "]") &&
                                         text.find("(3, 4)") != std::string::npos &&
                                         text.find("(3, 5)") != std::string::npos;
                              });
    }
    if (op.is_predicate) {
        const tensor<bool> y(detail::from_node,
                             apply_op(op, std::vector<node_ptr>(op.arity, x.get_node())));
        BOOST_TEST((status(y, x) == connection::not_differentiable));
        const tensor<T> loss = sum(cast<T>(y));
        BOOST_CHECK_THROW(static_cast<void>(grad(loss, x).value()), unconnected_error);
        BOOST_CHECK_THROW(static_cast<void>(jvp(loss, tangent(x, x)).value()), unconnected_error);
    }
}

template <class F>
std::function<void(const op_data&)> in_both_types(F check)
{
    return [check](const op_data& op) {
        check(op, double{});
        check(op, float{});
    };
}

const for_each_op values("values on every form of argument",
                         in_both_types([](const op_data& op, auto t) {
                             check_values<decltype(t)>(op);
                         }));
const for_each_op strided("strided and aliased arguments",
                          in_both_types([](const op_data& op, auto t) {
                              check_strided<decltype(t)>(op);
                          }));
const for_each_op derivatives("both modes and second order",
                              in_both_types([](const op_data& op, auto t) {
                                  check_derivatives<decltype(t)>(op);
                              }));
const for_each_op errors("throws alike", in_both_types([](const op_data& op, auto t) {
                             check_errors<decltype(t)>(op);
                         }));

} // namespace
