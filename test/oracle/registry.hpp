// SPDX-License-Identifier: BSD-3-Clause
// How each op of the oracle is written with the library: a table from the op's name to a function
// that builds it. To support another op, add one entry to the file of its family.
#pragma once

#include "manifest.hpp"

#include <backtrail/backtrail.hpp>

#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace oracle {

namespace bt = backtrail;

using real = bt::tensor<double>;
using index = bt::tensor<std::int64_t>;
using mask = bt::tensor<bool>;
using any_tensor = std::variant<real, index, mask>;

/// The inputs of a variant, in order: `in[0]` of floats, `in.index_at(1)`, `in.mask_at(0)`.
class arguments {
public:
    explicit arguments(std::vector<any_tensor> tensors) : tensors_(std::move(tensors)) {}

    [[nodiscard]] std::size_t size() const { return tensors_.size(); }
    [[nodiscard]] const real& operator[](std::size_t i) const
    {
        return std::get<real>(tensors_.at(i));
    }
    [[nodiscard]] const index& index_at(std::size_t i) const
    {
        return std::get<index>(tensors_.at(i));
    }
    [[nodiscard]] const mask& mask_at(std::size_t i) const
    {
        return std::get<mask>(tensors_.at(i));
    }
    /// All of them, which must be floats.
    [[nodiscard]] std::vector<real> reals() const;

private:
    std::vector<any_tensor> tensors_;
};

using outputs = std::vector<any_tensor>;

/// What errors are allowed, relative to max(1, the largest magnitude wanted).
struct tolerance {
    double value, derivative;
};
inline constexpr tolerance elementary{1e-12, 1e-10};
inline constexpr tolerance linear_algebra{1e-10, 1e-8};

/// How many terms are added up for one element of the result: the tolerance of a value grows with
/// the square root of it.
using term_count = std::size_t (*)(const op_variant&);
[[nodiscard]] std::size_t one_term(const op_variant&);
/// A reduction of input 0: elements of the input for each of the output.
[[nodiscard]] std::size_t terms_reduced(const op_variant& v);
/// A product: the last extent of input 0.
[[nodiscard]] std::size_t terms_contracted(const op_variant& v);

[[nodiscard]] constexpr bool never(const op_variant&) { return false; }
[[nodiscard]] constexpr bool always(const op_variant&) { return true; }

struct op {
    std::function<outputs(const op_variant&, const arguments&)> build;
    term_count terms = &one_term;
    tolerance allowed = elementary;
    /// The wanted hvp is zero, whatever the archive holds: for piecewise linear functions whose
    /// gradient is a sign (abs, l1_loss, norms of order 1 and infinity) LibTorch 1.13 left the
    /// tangent there, bit for bit, probably because its zero has no memory of its own.
    bool (*has_zero_hessian)(const op_variant&) = &never;
    /// Where a derivative changes sign, the largest term of the sum it is: errors of the derivative
    /// are counted in its last place. Null: in that of the derivative itself.
    double (*largest_term)(double x) = nullptr;
};

class registry {
public:
    op& add(const std::string& name, op o);
    /// A function of one tensor of floats.
    op& unary(const std::string& name, std::function<real(const real&)> f);
    /// A function of two; where the variant has one input, both are the same tensor.
    op& binary(const std::string& name, std::function<real(const real&, const real&)> f);

    /// Null if the op is not offered.
    [[nodiscard]] const op* find(const std::string& name) const;

private:
    std::map<std::string, op> ops_;
};

/// Each in the file of its name.
void add_activations(registry& ops);
void add_elementwise(registry& ops);
void add_elementary(registry& ops);
void add_special(registry& ops);
void add_structure(registry& ops);
void add_indexing(registry& ops);
void add_rearrangements(registry& ops);
void add_reductions(registry& ops);
void add_scans(registry& ops);
void add_products(registry& ops);
void add_composites(registry& ops);
void add_losses(registry& ops);

/// The ops of all families.
[[nodiscard]] registry all_ops();

} // namespace oracle
