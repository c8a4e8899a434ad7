// SPDX-License-Identifier: BSD-3-Clause
// Prints the table of elementwise ops of docs/ops.md, family by family, from the ops themselves.
// tools/document puts it into the page.
#include <backtrail/ops/entry.hpp>

#include <cstdio>
#include <string>

using namespace backtrail;

namespace {

constexpr const char* family_titles[op_family_count] = {
    "Arithmetic",        "Comparisons and choices",
    "Rounding",          "Exponentials and powers",
    "Trigonometric",     "Hyperbolic",
    "Special functions", "Activations"};

/// What a pullback of the op keeps in memory.
std::string kept(const op_entry& op)
{
    const bool has_derivative = !op.is_predicate;
    if (!has_derivative) return "-";
    const char* operands = op.arity == 1 ? "x" : op.arity == 2 ? "x, y" : "x, y, z";
    switch (op.form) {
    case partials_form::constant: return "nothing";
    case partials_form::from_inputs: return operands;
    case partials_form::from_output: return "the result";
    default: return std::string("the result, ") + operands;
    }
}

/// Text as a cell of a table.
std::string cell(std::string_view text)
{
    if (text.empty()) return "-";
    std::string escaped;
    for (char c : text) {
        if (c == '|') escaped += '\\';
        escaped += c;
    }
    return escaped;
}

void print(const op_entry& op)
{
    const std::string columns[] = {"`" + std::string(op.name) + "`",
                                   cell(op.about.formula),
                                   op.is_predicate ? "none" : cell(op.about.derivative),
                                   kept(op),
                                   cell(op.about.at_singular_points),
                                   cell(op.about.numpy),
                                   cell(op.about.xtensor),
                                   cell(op.about.torch),
                                   cell(op.about.jax)};
    for (const auto& column : columns) std::printf("| %s ", column.c_str());
    std::puts("|");
}

} // namespace

int main()
{
    for (std::size_t f = 0; f < op_family_count; ++f) {
        std::printf("### %s\n\n", family_titles[f]);
        std::puts("| op | value | derivative | keeps | at singular points | NumPy, SciPy | xtensor "
                  "| LibTorch | JAX |");
        std::puts("|---|---|---|---|---|---|---|---|---|");
        for (const op_entry& op : entries(static_cast<op_family>(f))) print(op);
        std::puts("");
    }
}
