// SPDX-License-Identifier: BSD-3-Clause
// Making the dependants of edited nodes again.
#include "rewrite.hpp"

#include <backtrail/core/error.hpp>

namespace backtrail::detail {

node_ptr apply_edit(const char* verb, const edit& f, const node_ptr& n, const node_ptr& original)
{
    node_ptr after = f(n);
    if (after->type() == n->type() && after->shape() == n->shape()) return after;
    const auto kind = [](const node_ptr& x) {
        return std::string(name_of(x->type())) + " " + to_string(x->shape());
    };
    const std::string what = "[" + std::string(verb) + "] must return what it is given, " +
                             kind(n) + ", not " + kind(after) + nearby(std::span(&original, 1));
    if (after->type() != n->type()) throw dtype_error(what);
    throw shape_error(what);
}

void edited_graph::add(const node_ptr& n, edit f)
{
    auto i = edit_index_.find(n.get());
    if (i == node_map::absent) {
        edit_index_.set(n.get(), i = static_cast<std::uint32_t>(edits_.size()));
        edits_.emplace_back();
    }
    edits_[i].push_back(std::move(f));
}

void edited_graph::replace(const node_ptr& n, edit f)
{
    replacements_.emplace_back(n, std::move(f));
}

edited_graph::counterpart edited_graph::found(const node_ptr& n)
{
    if (edits_.empty() && replacements_.empty()) return {n, n, n};
    if (index_.find(n.get()) == node_map::absent) {
        std::vector<node_ptr> inputs;
        for (const auto& original : topological_order(std::span(&n, 1))) {
            if (index_.find(original.get()) != node_map::absent) continue;
            inputs.clear();
            bool is_changed = false;
            for (const auto& input : original->inputs()) {
                inputs.push_back(counterparts_[index_.find(input.get())].used);
                is_changed |= !(inputs.back() == input);
            }
            counterpart c{original, original, {}};
            if (is_changed) {
                c.made =
                    make_node(original->op_handle(), original->type(), original->shape(), inputs);
                c.made->set_place(original->place());
                if (original->is_annotated()) { // for messages; nobody looks names up here
                    for (auto& mark : original->tag_marks()) {
                        c.made->add_tag(std::move(mark.path), mark.place);
                    }
                }
            }
            for (const auto& [replaced, f] : replacements_) {
                if (replaced == original) c.made = f(c.made);
            }
            c.used = c.made;
            const auto i = edit_index_.find(original.get());
            if (i != node_map::absent) {
                for (const auto& f : edits_[i])
                    c.used = apply_edit("edit_value", f, c.used, original);
            }
            index_.set(original.get(), static_cast<std::uint32_t>(counterparts_.size()));
            counterparts_.push_back(std::move(c));
        }
    }
    return counterparts_[index_.find(n.get())];
}

} // namespace backtrail::detail
