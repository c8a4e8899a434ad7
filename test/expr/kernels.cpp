// SPDX-License-Identifier: BSD-3-Clause
// The kernels of one expression agree with one another, bit for bit: with the value or without, its sum in place of it,
// a cotangent of 1, of another number or an array. Those of common expressions are in the library and agree with
// what is compiled here.
#include <support/expect.hpp>

#include <backtrail/graph/fused.hpp>
#include <backtrail/graph/traversal.hpp>

#include <limits>
#include <optional>

namespace bt = backtrail;
using namespace bt::detail;

namespace {

constexpr std::size_t length = 37, padded = 48, operands = 3;
enum class cotangent { one, number, array };
enum class with { nothing, value, sum };

template <class T>
using row = std::array<T, padded>;
template <class T>
using rows = std::array<row<T>, operands>;

/// What the kernels of a table are given.
template <class T>
struct arguments {
    rows<T> x, x_dot;
    row<T> y_bar;
    std::array<double, 3> literals;
    std::array<bt::store_mode, operands> modes;

    /// With numbers at which something is singular, or with others, whose sums tell whether one is missing.
    arguments(double number, bool is_plain, cotangent form, bool is_singular)
        : literals{number, bt::infinity, 0.75}
    {
        constexpr T infinite = std::numeric_limits<T>::infinity();
        constexpr std::size_t count = 9;
        constexpr T singular[count] = {T(0),     T(-0.0),   T(1), T(0.3),  T(2.5),
                                       infinite, -infinite, T(7), T(1e-30)};
        constexpr T regular[count] = {T(0.5), T(2), T(1), T(0.3),  T(2.5),
                                      T(0.7), T(3), T(7), T(0.125)};
        const T* const values = is_singular ? singular : regular;
        for (std::size_t i = 0; i < padded; ++i) {
            for (std::size_t j = 0; j < operands; ++j) {
                x[j][i] = values[(i * (j + 1) + i / count) % count];
                x_dot[j][i] = values[(i + j) % 5];
            }
            y_bar[i] = form == cotangent::one      ? T(1)
                       : form == cotangent::number ? T(-0.3)
                                                   : T(0.25) * T(i % 7) - T(0.6);
        }
        using enum bt::store_mode;
        modes = is_plain ? std::array{write, write, write} : std::array{add, write, skip};
    }
};

/// What they make of it; what they leave alone stays as it is here.
template <class T>
struct results {
    rows<T> x_bar;
    row<T> y, y_dot;
    std::array<T, bt::sum_parts> parts;

    results()
    {
        for (auto& r : x_bar) r.fill(T(0.5));
        y.fill(T(-1)), y_dot.fill(T(-1)), parts.fill(T(-1));
    }
};

template <class T>
std::array<const void*, operands> pointers(const rows<T>& x)
{
    return {x[0].data(), x[1].data(), x[2].data()};
}

/// One reverse kernel. `form` array reads a number, too, as an array of it.
template <class T>
results<T> pull_back(const bt::kernel_table& table, const arguments<T>& a, cotangent form,
                     with what)
{
    results<T> result;
    void* out[operands];
    for (std::size_t j = 0; j < operands; ++j) out[j] = result.x_bar[j].data();
    bt::reverse_tile tile;
    tile.y_bar = a.y_bar.data();
    tile.is_uniform = form != cotangent::array;
    tile.x_bar = out;
    tile.modes = a.modes.data();
    if (what == with::value) tile.y = result.y.data();
    if (what == with::sum) tile.parts = result.parts.data();
    const auto kernel = what == with::nothing ? table.pullback : table.value_and_pullback;
    kernel(pointers(a.x).data(), a.literals.data(), tile, length);
    return result;
}

template <class T>
results<T> value_and_tangent(const bt::kernel_table& table, const arguments<T>& a)
{
    results<T> result;
    table.value(pointers(a.x).data(), a.literals.data(), result.y.data(), length);
    table.pushforward(pointers(a.x).data(), a.literals.data(), pointers(a.x_dot).data(),
                      result.y_dot.data(), length);
    return result;
}

/// Equal bits, or both NaN, of the first n.
template <class T, std::size_t N>
bool alike(const std::array<T, N>& a, const std::array<T, N>& b, std::size_t n = N)
{
    return std::equal(
        a.begin(), a.begin() + static_cast<std::ptrdiff_t>(n), b.begin(), [](T x, T y) {
            return std::memcmp(&x, &y, sizeof x) == 0 || (std::isnan(x) && std::isnan(y));
        });
}

template <class T>
std::array<T, bt::sum_parts> parts_of(const row<T>& y)
{
    std::array<T, bt::sum_parts> parts{};
    for (std::size_t i = 0; i < length; ++i) parts[i % bt::sum_parts] += y[i];
    return parts;
}

template <class T>
void check_table(const bt::kernel_table& table, const arguments<T>& a, cotangent form)
{
    const results<T> untouched, forward = value_and_tangent(table, a),
                                expected = pull_back(table, a, cotangent::array, with::nothing);
    for (const with what : {with::nothing, with::value, with::sum}) {
        const results<T> found = pull_back(table, a, form, what);
        BOOST_TEST_CONTEXT("with " << int(what) << ", cotangent " << int(form) << ", number "
                                   << a.literals[0])
        {
            for (std::size_t j = 0; j < table.slots; ++j) {
                BOOST_TEST(alike(found.x_bar[j], expected.x_bar[j], length), "slot " << j);
            }
            const auto& y = what == with::value ? forward.y : untouched.y;
            const auto parts = what == with::sum ? parts_of(forward.y) : untouched.parts;
            BOOST_TEST(alike(found.y, y, length));
            BOOST_TEST(alike(found.parts, parts));
        }
    }
}

template <class T>
void check_all_forms(const bt::kernel_table& table, const bt::kernel_table* other = nullptr)
{
    for (const double number : {0.0, 3.0, -4.0}) {
        for (const bool is_plain : {false, true}) {
            for (std::size_t k = 0; k < 6; ++k) {
                const auto form = static_cast<cotangent>(k / 2);
                const arguments<T> a(number, is_plain, form, k % 2 != 0);
                check_table(table, a, form);
                if (other == nullptr) continue;
                const auto here = value_and_tangent(*other, a), there = value_and_tangent(table, a);
                BOOST_TEST(alike(there.y, here.y, length), "number " << number);
                BOOST_TEST(alike(there.y_dot, here.y_dot, length), "number " << number);
                const auto back = pull_back(*other, a, form, with::nothing),
                           back_there = pull_back(table, a, form, with::nothing);
                for (std::size_t j = 0; j < table.slots; ++j) {
                    BOOST_TEST(alike(back_there.x_bar[j], back.x_bar[j], length), "slot " << j);
                }
            }
        }
    }
}

const bt::kernel_table& table_of_node(const bt::node_ptr& n) { return n->op().as_fused()->table(); }

/// The place of a table among those of common expressions.
template <class T>
std::optional<std::size_t> place_of(const bt::kernel_table& table)
{
    for (std::size_t place = 0; place < common_trees::size; ++place) {
        if (&common_kernels(place, bt::dtype_of<T>) == &table) return place;
    }
    return {};
}

template <class F>
void check_expression(F f)
{
    const bt::variable<double> a(1.0), b(2.0), c(3.0);
    check_all_forms<double>(table_of_node(fuse(f, a, b, c).get_node()));
    const bt::variable<float> p(1.0f), q(2.0f), r(3.0f);
    check_all_forms<float>(table_of_node(fuse(f, p, q, r).get_node()));
}

template <class... Tree>
void check_library(bt::op_list<Tree...>)
{
    const auto check = []<class T>(T, std::size_t place, const bt::kernel_table& here) {
        BOOST_TEST_CONTEXT("place " << place)
        {
            check_all_forms<T>(common_kernels(place, bt::dtype_of<T>), &here);
        }
    };
    (check(double(), common_place<Tree>, table_of<Tree, double, xsimd::default_arch>), ...);
    (check(float(), common_place<Tree>, table_of<Tree, float, xsimd::default_arch>), ...);
}

} // namespace

BOOST_AUTO_TEST_SUITE(expr_kernels)

BOOST_AUTO_TEST_CASE(of_one_expression_agree)
{
    // cheap and not; the value at hand or not; with and without a loop for a cotangent of 1
    check_expression([](auto a, auto b, auto c) { return a * b + c; });
    check_expression([](auto a, auto b, auto c) { return a * (b - c); });
    check_expression([](auto a, auto b, auto c) { return a / b - b / 3.0 + c; });
    check_expression([](auto a, auto b, auto c) { return a / b + exp(c); });
    check_expression([](auto a, auto b, auto c) { return sin(a) * b * c; });
    check_expression([](auto a, auto b, auto c) { return 2.0 * log(abs(a) + b * b) - c; });
    check_expression([](auto a, auto b, auto c) { return tanh(a + b * c); });
    check_expression(
        [](auto a, auto b, auto c) { return sin(a) * b + exp(-c * c) + log1p(a * a); });
    check_expression(
        [](auto a, auto b, auto c) { return sqrt(a) + where(b < 0.6, a, b) * exp(c); });
    check_expression([](auto a, auto b, auto c) { return (a < b) * log(c); });
}

BOOST_AUTO_TEST_CASE(of_the_library_give_the_bits_of_those_compiled_here)
{
    check_library(common_trees{});
}

BOOST_AUTO_TEST_CASE(of_a_number_and_a_tensor_are_in_the_library)
{
    const auto check = []<class T>(T) {
        const bt::variable<T> x(xt::xarray<T>{1, 2, 4});
        const bt::tensor<T> expressions[] = {x + 2.0, 2.0 + x, x - 2.0, 2.0 - x,      x * 2.0,
                                             2.0 * x, x / 2.0, 2.0 / x, 2.0 * x + 1.0};
        for (std::size_t i = 0; i < std::size(expressions); ++i) {
            BOOST_TEST((place_of<T>(table_of_node(expressions[i].get_node())) == i), "place " << i);
        }
        const bt::tensor<T> fused = fuse([](auto a) { return 3.0 * a; }, x);
        BOOST_TEST((place_of<T>(table_of_node(fused.get_node())).has_value()));
        BOOST_TEST((fused.value() == xt::xarray<T>{3, 6, 12}));
    };
    check(double());
    check(float());
    const bt::variable<std::int64_t> n(xt::xarray<std::int64_t>{1, 2, 4});
    const bt::tensor<std::int64_t> m = n + 2; // compiled here
    BOOST_TEST((m.value() == xt::xarray<std::int64_t>{3, 4, 6}));
}

BOOST_AUTO_TEST_CASE(of_one_op_are_in_the_library_also_where_it_is_fused)
{
    const bt::variable<double> x(xt::xarray<double>{1, 2, 4});
    const bt::tensor<double> fused = fuse([](auto a) { return exp(a); }, x), plain = exp(x);
    BOOST_TEST(&table_of_node(fused.get_node()) == &table_of_node(plain.get_node()));
}

BOOST_AUTO_TEST_CASE(of_the_terms_of_cross_entropy_are_in_the_library)
{
    const auto check = []<class T>(T) {
        const bt::variable<T> logits(xt::xarray<T>{{0.5, -1, 2}, {1, 0, -3}});
        const bt::variable<T> p(xt::xarray<T>{{0.25, 0.25, 0.5}, {0, 1, 0}});
        const bt::tensor<T> loss = cross_entropy(logits, p, {.label_smoothing = 0.1});
        std::size_t terms = 0;
        for (const bt::node_ptr& n : bt::topological_order(std::array{loss.get_node()})) {
            const bt::fused* const op = n->op().as_fused();
            terms += op != nullptr && place_of<T>(op->table()) == common_place<class_term_tree>;
        }
        BOOST_TEST(terms == 1u);
    };
    check(double());
    check(float());
}

BOOST_AUTO_TEST_SUITE_END()
