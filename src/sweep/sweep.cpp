// SPDX-License-Identifier: BSD-3-Clause
// Requests and what is read from them; and the evaluation of a single node.
#include <backtrail/sweep/sweep.hpp>

#include <backtrail/core/error.hpp>
#include <backtrail/graph/traversal.hpp>
#include <backtrail/run/executor.hpp>

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>

namespace backtrail {

namespace {

std::string quoted(std::string_view name) { return "\"" + std::string(name) + "\""; }

/// Edit distance, to suggest what a mistyped name may have meant.
std::size_t distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0]++;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t above = row[j + 1];
            row[j + 1] = std::min({above + 1, row[j] + 1, diagonal + (a[i] != b[j])});
            diagonal = above;
        }
    }
    return row.back();
}

/// One stand-alone evaluation, kept on its node.
struct evaluation {
    std::mutex mutex;
    std::optional<executor> exec;
};

} // namespace

namespace detail {

buffer evaluate(const node_ptr& n)
{
    if (const leaf_storage* leaf = n->op().as_leaf()) return leaf->data();
    auto kept = std::static_pointer_cast<evaluation>(n->cache());
    if (!kept) n->set_cache(kept = std::make_shared<evaluation>());
    const std::lock_guard lock(kept->mutex);
    if (!kept->exec) kept->exec.emplace(make_plan(std::span(&n, 1)));
    if (!kept->exec->is_current()) kept->exec->run();
    return kept->exec->output(0);
}

} // namespace detail

struct sweep::state {
    node_ptr output, seed;
    std::vector<node_ptr> inputs;

    std::multimap<std::string, node_ptr> named; ///< tags, as found when the plan was made
    std::optional<executor> exec;
    std::vector<node_ptr> planned;                      ///< output i of the plan
    node_map value_index;                               ///< of a node's value in `planned`
    std::map<const node*, std::uint32_t> adjoint_index; ///< of the adjoint of a node
    /// Nodes read without having been kept, each with a small plan of its own.
    std::map<std::pair<const node*, bool>, executor> late;
    std::vector<node_ptr> held; ///< keeps the keys of `late` alive

    void compile();
    [[nodiscard]] std::multimap<std::string, node_ptr> collect_tags() const;
    [[nodiscard]] result from(const executor& e, std::uint32_t i) const
    {
        const auto& o = e.the_plan().outputs[i];
        return {e.output(i), o.extents, o.type};
    }
    [[nodiscard]] result read_late(const node_ptr& n, bool wants_adjoint);
    void require_run() const
    {
        if (!exec || !exec->has_run()) {
            throw state_error("[sweep] there are no results: the sweep has not run, or its last "
                              "run failed; call run()");
        }
    }
};

std::multimap<std::string, node_ptr> sweep::state::collect_tags() const
{
    std::multimap<std::string, node_ptr> found;
    std::vector<node_ptr> roots = inputs;
    roots.push_back(output);
    for (const auto& n : topological_order(roots)) {
        if (!n->is_annotated()) continue;
        for (auto& path : n->tags()) found.emplace(std::move(path), n);
    }
    return found;
}

void sweep::state::compile()
{
    planned.clear(); // of an attempt that threw
    value_index = {};
    adjoint_index.clear();
    named = collect_tags();
    const auto want = [&](const node_ptr& n) {
        if (value_index.find(n.get()) == node_map::absent) {
            value_index.set(n.get(), static_cast<std::uint32_t>(planned.size()));
            planned.push_back(n);
        }
        return value_index.find(n.get());
    };
    want(output);
    std::vector<node_ptr> sources = inputs;
    for (const auto& [path, n] : named) {
        want(n);
        if (is_differentiable(n->type())) sources.push_back(n);
    }
    const auto bars = detail::pull_back(output, seed, sources);
    for (std::size_t i = 0; i < sources.size(); ++i) {
        const node_ptr& x = sources[i];
        if (bars[i].is_zero() && detail::status(output, x) != connection::ok) continue;
        adjoint_index[x.get()] = want(detail::as_node(bars[i], x->type(), x->shape()));
    }
    exec.emplace(make_plan(planned));
}

sweep::result sweep::state::read_late(const node_ptr& n, bool wants_adjoint)
{
    const auto key = std::pair(static_cast<const node*>(n.get()), wants_adjoint);
    auto found = late.find(key);
    if (found == late.end() || !found->second.is_current()) {
        if (!exec->is_current()) {
            throw state_error("[sweep] this was not kept, and a variable has changed since the "
                              "last run: run again, or tag the tensor before the first run");
        }
    }
    if (found == late.end()) {
        node_ptr wanted = n;
        if (wants_adjoint) {
            const node_ptr x[] = {n};
            const auto bar = detail::pull_back(output, seed, x);
            const connection c = bar[0].is_zero() ? detail::status(output, n) : connection::ok;
            if (c != connection::ok) {
                throw unconnected_error("[adjoint] there is none: " + std::string(to_string(c)) +
                                        nearby(x));
            }
            wanted = detail::as_node(bar[0], n->type(), n->shape());
        }
        found = late.emplace(key, executor(make_plan(std::span(&wanted, 1)))).first;
        held.push_back(n);
    }
    if (!found->second.is_current()) found->second.run();
    return from(found->second, 0);
}

sweep::sweep(node_ptr output, std::vector<node_ptr> inputs) : state_(std::make_unique<state>())
{
    state_->seed = detail::unit_seed("reverse", output);
    state_->output = std::move(output);
    state_->inputs = std::move(inputs);
}
sweep::sweep(sweep&&) noexcept = default;
sweep& sweep::operator=(sweep&&) noexcept = default;
sweep::~sweep() = default;

sweep::state& sweep::get() const
{
    if (!state_) throw state_error("[sweep] this one has been moved from");
    return *state_;
}

sweep& sweep::run()
{
    if (!get().exec) get().compile();
    get().exec->run();
    return *this;
}

const node_ptr& sweep::output() const { return get().output; }

sweep::result sweep::value_of(const node_ptr& n) const
{
    get().require_run();
    const auto i = get().value_index.find(n.get());
    return i == node_map::absent ? get().read_late(n, false) : get().from(*get().exec, i);
}

sweep::result sweep::adjoint_of(const node_ptr& n) const
{
    get().require_run();
    const auto found = get().adjoint_index.find(n.get());
    return found == get().adjoint_index.end() ? get().read_late(n, true)
                                              : get().from(*get().exec, found->second);
}

void sweep::require_type(const result& r, dtype wanted)
{
    if (r.type != wanted) {
        throw dtype_error("[sweep] this holds " + std::string(name_of(r.type)) +
                          ", and was read as " + std::string(name_of(wanted)) +
                          "; say value<T> or adjoint<T>");
    }
}

node_ptr sweep::find_tag(std::string_view path) const
{
    auto& all = get().named;
    if (!all.contains(std::string(path))) all = get().collect_tags(); // given later?
    const auto [first, last] = all.equal_range(std::string(path));
    if (first == last) {
        std::vector<std::string> names = tags();
        names.erase(std::unique(names.begin(), names.end()), names.end());
        std::sort(names.begin(), names.end(), [&](const auto& a, const auto& b) {
            return std::pair(distance(path, a), a) < std::pair(distance(path, b), b);
        });
        std::string near;
        for (std::size_t i = 0; i < std::min<std::size_t>(3, names.size()); ++i) {
            near += (i == 0 ? "; near it: " : ", ") + quoted(names[i]);
        }
        throw tag_error("[sweep] no tag " + quoted(path) +
                        (names.empty() ? "; the output depends on no tagged tensor" : near));
    }
    if (std::next(first) != last) {
        throw tag_error("[sweep] the tag " + quoted(path) + " names " +
                        std::to_string(std::distance(first, last)) + " nodes, of shapes " +
                        to_string(first->second->shape()) + " and " +
                        to_string(std::next(first)->second->shape()) +
                        "; put them in scopes of their own");
    }
    return first->second;
}

std::vector<std::string> sweep::tags() const
{
    std::vector<std::string> names;
    for (const auto& [path, n] : get().collect_tags()) names.push_back(path);
    return names;
}

std::string sweep::explain() const
{
    if (!get().exec) get().compile();
    return backtrail::explain(get().exec->the_plan());
}

std::size_t sweep::peak_bytes() const
{
    if (!get().exec) get().compile();
    return get().exec->peak_bytes();
}

} // namespace backtrail
