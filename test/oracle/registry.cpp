// SPDX-License-Identifier: BSD-3-Clause
// The table of ops and the list of its families.
#include "registry.hpp"

#include <algorithm>
#include <stdexcept>

namespace oracle {

std::vector<real> arguments::reals() const
{
    std::vector<real> result;
    for (std::size_t i = 0; i < size(); ++i) result.push_back((*this)[i]);
    return result;
}

std::size_t one_term(const op_variant&) { return 1; }

std::size_t terms_reduced(const op_variant& v)
{
    return v.inputs.at(0).size() / std::max<std::size_t>(1, v.outputs.at(0).size());
}

std::size_t terms_contracted(const op_variant& v) { return v.inputs.at(0).shape.back(); }

op& registry::add(const std::string& name, op o)
{
    const auto [entry, is_new] = ops_.emplace(name, std::move(o));
    if (!is_new) throw std::logic_error(name + " is added twice");
    return entry->second;
}

op& registry::unary(const std::string& name, std::function<real(const real&)> f)
{
    return add(name, {[f = std::move(f)](const op_variant&, const arguments& in) {
                   return outputs{f(in[0])};
               }});
}

op& registry::binary(const std::string& name, std::function<real(const real&, const real&)> f)
{
    return add(name, {[f = std::move(f)](const op_variant&, const arguments& in) {
                   return outputs{f(in[0], in[in.size() - 1])};
               }});
}

const op* registry::find(const std::string& name) const
{
    const auto found = ops_.find(name);
    return found == ops_.end() ? nullptr : &found->second;
}

registry all_ops()
{
    registry ops;
    add_activations(ops);
    add_elementwise(ops);
    add_elementary(ops);
    add_special(ops);
    add_structure(ops);
    add_indexing(ops);
    add_rearrangements(ops);
    add_reductions(ops);
    add_scans(ops);
    add_products(ops);
    add_composites(ops);
    add_losses(ops);
    return ops;
}

} // namespace oracle
