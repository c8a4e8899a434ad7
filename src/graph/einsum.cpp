// SPDX-License-Identifier: BSD-3-Clause
// Einstein summation: an equation names the axes of the operands by letters. Operands are taken
// from left to right; two of them meet in one matrix product, or in an elementwise one if nothing
// is summed. Start reading at `einsum`, at the end.
#include <backtrail/core/error.hpp>
#include <backtrail/graph/build.hpp>
#include <backtrail/graph/node.hpp>

#include <algorithm>
#include <array>
#include <numeric>
#include <string>

namespace backtrail::detail {
namespace {

/// The labels of the axes of an array, a character each. Axes under an ellipsis are digits, counted
/// from the right, so that those of several operands meet as broadcasting wants it.
using labels = std::string;

struct labelled {
    node_ptr array;
    labels axes;
};

bool has(const labels& list, char label) { return list.find(label) != labels::npos; }

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// What is wrong, for a message.
struct place {
    std::string_view equation;
    std::span<const node_ptr> operands;

    [[nodiscard]] std::string operator()(const std::string& what) const
    {
        return "[einsum] \"" + std::string(equation) + "\": " + what + nearby(operands);
    }
};

// ---- the equation ----------------------------------------------------------------------------------

/// One term as written: letters before and behind its ellipsis, if there is one.
struct term {
    labels before, behind;
    bool has_ellipsis = false;

    [[nodiscard]] std::size_t letters() const { return before.size() + behind.size(); }
    [[nodiscard]] labels with_ellipsis_of(std::size_t axes) const
    {
        labels result = before;
        for (std::size_t i = axes; i-- > 0 && has_ellipsis;) {
            result.push_back(static_cast<char>('0' + i));
        }
        return result + behind;
    }
};

term read_term(std::string_view text, const place& at)
{
    term result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (is_letter(text[i])) {
            (result.has_ellipsis ? result.behind : result.before).push_back(text[i]);
        } else if (text.substr(i, 3) == "..." && !result.has_ellipsis) {
            result.has_ellipsis = true;
            i += 2;
        } else {
            throw value_error(at("a term is letters with at most one \"...\", not \"" +
                                 std::string(text) + "\""));
        }
    }
    return result;
}

struct equation_terms {
    std::vector<term> inputs;
    std::optional<term> output;
};

equation_terms read_equation(const place& at)
{
    std::string text(at.equation);
    std::erase(text, ' ');
    equation_terms result;
    const std::size_t arrow = text.find("->");
    if (arrow != std::string::npos) {
        result.output = read_term(std::string_view(text).substr(arrow + 2), at);
        text.erase(arrow);
    }
    std::string_view rest = text;
    for (std::size_t comma = 0; comma != std::string_view::npos;) {
        comma = rest.find(',');
        result.inputs.push_back(read_term(rest.substr(0, comma), at));
        rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
    }
    if (result.inputs.size() != at.operands.size()) {
        throw value_error(at(std::to_string(result.inputs.size()) + " terms for " +
                             std::to_string(at.operands.size()) + " operands"));
    }
    return result;
}

/// The labels of the result: as the equation says, or those that occur once, in the order of the
/// alphabet behind the axes of the ellipses.
labels read_output(const equation_terms& terms, std::span<const labelled> inputs,
                   std::size_t ellipsis_axes, const place& at)
{
    labels all;
    for (const auto& input : inputs) all += input.axes;
    if (terms.output) {
        const labels result = terms.output->with_ellipsis_of(ellipsis_axes);
        for (char label : result) {
            if (!has(all, label) || std::count(result.begin(), result.end(), label) != 1) {
                throw value_error(
                    at("'" + std::string(1, label) + "' of the result " +
                       (has(all, label) ? "occurs there twice" : "is in no operand")));
            }
        }
        return result;
    }
    labels result = term{{}, {}, true}.with_ellipsis_of(ellipsis_axes);
    labels letters;
    for (char label : all) {
        if (is_letter(label) && std::count(all.begin(), all.end(), label) == 1) letters += label;
    }
    std::sort(letters.begin(), letters.end());
    return result + letters;
}

/// The operands with a label for each axis.
std::vector<labelled> label_operands(const equation_terms& terms, std::size_t& ellipsis_axes,
                                     const place& at)
{
    std::vector<labelled> result;
    for (std::size_t i = 0; i < at.operands.size(); ++i) {
        const term& t = terms.inputs[i];
        const shape& s = at.operands[i]->shape();
        if (t.has_ellipsis ? s.size() < t.letters() : s.size() != t.letters()) {
            throw shape_error(at("term " + std::to_string(i) + " names " +
                                 std::to_string(t.letters()) + " axes of " + to_string(s)));
        }
        const std::size_t hidden = s.size() - t.letters();
        ellipsis_axes = std::max(ellipsis_axes, hidden);
        result.push_back({at.operands[i], t.with_ellipsis_of(hidden)});
    }
    return result;
}

/// Axes of one label have one extent, or are repeated along it if theirs is 1; under a label that
/// one operand has twice they are equal.
void check_extents(std::span<const labelled> operands, const place& at)
{
    std::array<std::size_t, 128> extents;
    extents.fill(1);
    for (const auto& x : operands) {
        for (std::size_t i = 0; i < x.axes.size(); ++i) {
            const std::size_t extent = x.array->shape()[i], first = x.axes.find(x.axes[i]);
            std::size_t& known = extents[static_cast<std::size_t>(x.axes[i])];
            const bool fits = known == 1 || extent == 1 || extent == known;
            if (!fits || extent != x.array->shape()[first]) {
                std::string shapes;
                for (const auto& other : operands) {
                    shapes += (shapes.empty() ? "" : ", ") + to_string(other.array->shape());
                }
                const bool is_hidden = !is_letter(x.axes[i]);
                throw shape_error(at((is_hidden ? std::string("axes under \"...\" have")
                                                : "'" + std::string(1, x.axes[i]) + "' has") +
                                     " different extents: " + shapes));
            }
            if (extent != 1) known = extent;
        }
    }
}

// ---- one operand -----------------------------------------------------------------------------------

labelled arrange(const labelled& x, const labels& order)
{
    std::vector<std::ptrdiff_t> permutation;
    for (char label : order) permutation.push_back(static_cast<std::ptrdiff_t>(x.axes.find(label)));
    return {transpose(x.array, permutation), order};
}

/// The diagonal of two axes of one label: every (n+1)-th element of both as one axis.
labelled take_diagonals(labelled x)
{
    for (std::size_t i = 0; i < x.axes.size(); ++i) {
        const std::size_t j = x.axes.find(x.axes[i], i + 1);
        if (j == labels::npos) continue;
        const std::size_t last = x.axes.size() - 1, n = x.array->shape()[i];
        node_ptr pair = move_axis(move_axis(x.array, j, last), i, last - 1);
        shape merged(std::span(pair->shape().begin(), last - 1));
        merged.push_back(n * n);
        pair = reshape(pair, merged);
        std::vector<slice> slices;
        for (auto extent : merged) slices.push_back({0, 1, extent});
        slices.back() = {0, static_cast<std::ptrdiff_t>(n) + 1, n};
        const char label = x.axes[i];
        x.axes.erase(j, 1).erase(i, 1);
        return take_diagonals({slice_axes(pair, slices), x.axes + label});
    }
    return x;
}

/// Summed over the axes that nobody needs later.
labelled sum_out(const labelled& x, const labels& needed)
{
    std::vector<std::ptrdiff_t> over;
    labels rest;
    for (std::size_t i = 0; i < x.axes.size(); ++i) {
        if (has(needed, x.axes[i])) {
            rest.push_back(x.axes[i]);
        } else {
            over.push_back(static_cast<std::ptrdiff_t>(i));
        }
    }
    if (over.empty()) return x;
    return {reduce(reduction_kind::sum, x.array, over, false), rest};
}

// ---- two operands ----------------------------------------------------------------------------------

/// The labels of x for which `take` holds.
template <class F>
labels select(const labels& x, F take)
{
    labels result;
    std::copy_if(x.begin(), x.end(), std::back_inserter(result), take);
    return result;
}

shape extents_of(const labelled& x, const labels& list)
{
    shape result;
    for (char label : list) result.push_back(x.array->shape()[x.axes.find(label)]);
    return result;
}

void require_axes(std::size_t count, const place& at)
{
    if (count <= max_rank) return;
    throw shape_error(at("an intermediate would have " + std::to_string(count) +
                         " axes, more than 8; take the operands in another order"));
}

/// x y, element by element, where labels that one lacks are repeated.
labelled multiply(const labelled& x, const labelled& y, const place& at)
{
    const labels all = x.axes + select(y.axes, [&](char c) { return !has(x.axes, c); });
    require_axes(all.size(), at);
    const labelled ordered = arrange(y, select(all, [&](char c) { return has(y.axes, c); }));
    shape wide_x = x.array->shape(), wide_y;
    while (wide_x.size() < all.size()) wide_x.push_back(1);
    for (char label : all) {
        const std::size_t axis = ordered.axes.find(label);
        wide_y.push_back(axis == labels::npos ? 1 : ordered.array->shape()[axis]);
    }
    const symbol left = reshape(x.array, wide_x), right = reshape(ordered.array, wide_y);
    return {(left * right).get(), all};
}

/// x as a batch of matrices, all axes of a kind merged to one; the axes of the batch too if asked.
node_ptr as_matrices(const labelled& x, const labels& batch, const labels& rows,
                     const labels& columns, const shape& common, bool merges_batch)
{
    const node_ptr ordered = arrange(x, batch + rows + columns).array;
    const std::size_t m = element_count(extents_of(x, rows));
    const std::size_t n = element_count(extents_of(x, columns));
    shape form = extents_of(x, batch);
    if (merges_batch) {
        shape wide = common;
        for (char label : rows + columns) wide.push_back(extents_of(x, labels(1, label))[0]);
        return reshape(broadcast_to(ordered, wide), {element_count(common), m, n});
    }
    form.push_back(m), form.push_back(n);
    return reshape(ordered, form);
}

/// The sum over l of x(b, m, l) y(b, l, n).
node_ptr product(const node_ptr& x, const node_ptr& y)
{
    if (is_differentiable(x->type())) return matmul(x, y);
    shape left = x->shape(), right = y->shape(); // BLAS has no integers
    left.push_back(1);
    right.insert(right.size() - 2, 1);
    const std::ptrdiff_t over = -2;
    return reduce(reduction_kind::sum, (symbol(reshape(x, left)) * symbol(reshape(y, right))).get(),
                  std::span(&over, 1), false);
}

/// x and y joined to one array without the labels that nobody needs later.
labelled contract(labelled x, labelled y, const labels& needed, const place& at)
{
    labels mismatched; // extent 1 against another: nothing but a sum of one of the two
    for (char label : x.axes) {
        if (!has(y.axes, label) || has(needed, label)) continue;
        const labels one(1, label);
        if (!(extents_of(x, one) == extents_of(y, one))) mismatched += label;
    }
    const auto stays = [&](char c) { return !has(mismatched, c); };
    x = sum_out(x, select(x.axes, stays));
    y = sum_out(y, select(y.axes, stays));

    const auto shared = [&](char c) { return has(x.axes, c) && has(y.axes, c); };
    const labels batch = select(x.axes, [&](char c) { return shared(c) && has(needed, c); });
    const labels summed = select(x.axes, [&](char c) { return shared(c) && !has(needed, c); });
    if (summed.empty()) return multiply(x, y, at);
    const labels rows = select(x.axes, [&](char c) { return !shared(c); });
    const labels columns = select(y.axes, [&](char c) { return !shared(c); });
    require_axes(batch.size() + rows.size() + columns.size(), at);

    const shape common = broadcast("einsum", extents_of(x, batch), extents_of(y, batch));
    const bool merges_batch = batch.size() + 3 > max_rank;
    shape result = common;
    for (auto extent : extents_of(x, rows)) result.push_back(extent);
    for (auto extent : extents_of(y, columns)) result.push_back(extent);
    const node_ptr left = as_matrices(x, batch, rows, summed, common, merges_batch);
    const node_ptr right = as_matrices(y, batch, summed, columns, common, merges_batch);
    return {reshape(product(left, right), result), batch + rows + columns};
}

} // namespace

node_ptr einsum(std::string_view equation, std::span<const node_ptr> operands)
{
    const place at{equation, operands};
    const equation_terms terms = read_equation(at);
    for (const auto& x : operands) {
        if (x->type() != operands[0]->type()) {
            throw dtype_error(at("operands of different element types; write cast<T>(x)"));
        }
        if (x->type() == dtype::boolean) throw dtype_error(at("of bool; write cast<T>(x)"));
    }
    std::size_t ellipsis_axes = 0;
    std::vector<labelled> inputs = label_operands(terms, ellipsis_axes, at);
    const labels output = read_output(terms, inputs, ellipsis_axes, at);
    check_extents(inputs, at);

    labelled result;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        labels needed_later = output;
        for (std::size_t j = i + 1; j < inputs.size(); ++j) needed_later += inputs[j].axes;
        const labelled x = sum_out(take_diagonals(inputs[i]), needed_later + result.axes);
        result = i == 0 ? x : contract(result, x, needed_later, at);
    }
    return arrange(result, output).array;
}

} // namespace backtrail::detail
