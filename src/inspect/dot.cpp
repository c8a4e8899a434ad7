// SPDX-License-Identifier: BSD-3-Clause
// Drawing graphs: nodes that are not shown are contracted into edges between those that are.
#include <backtrail/inspect/dot.hpp>

#include <backtrail/ad/connections.hpp>
#include <backtrail/graph/storage.hpp>
#include <backtrail/sweep/joined.hpp>

#include <algorithm>
#include <map>
#include <ostream>

namespace backtrail::inspect {
namespace {

std::string escaped(std::string_view text)
{
    std::string result;
    for (char c : text) {
        if (c == '"' || c == '\\') result += '\\';
        result += c;
    }
    return result;
}

bool is_variable(const node& n)
{
    const leaf_storage* leaf = n.op().as_leaf();
    return leaf != nullptr && leaf->is_variable();
}

class drawing {
public:
    drawing(std::ostream& out, const node_ptr& y, const dot_options& options)
        : out_(out), options_(options), order_(topological_order(std::span(&y, 1))),
          connected_(std::span(&y, 1))
    {
        for (std::uint32_t i = 0; i < order_.size(); ++i) index_.set(order_[i].get(), i);
        for (const auto& n : order_) {
            is_shown_.push_back(options.all_nodes || n == y || n->tags().size() > 0 ||
                                is_variable(*n));
        }
    }

    void draw()
    {
        out_ << "digraph backtrail {\n  rankdir=LR;\n  node [shape=box, style=rounded];\n";
        scope root;
        for (std::uint32_t i = 0; i < order_.size(); ++i) {
            if (is_shown_[i]) place(root, i);
        }
        draw(root, "", "  ");
        draw_edges();
        out_ << "}\n";
    }

private:
    struct scope {
        std::map<std::string, scope> inner;
        std::vector<std::uint32_t> nodes;
    };

    void place(scope& root, std::uint32_t i)
    {
        const auto tags = order_[i]->tags();
        scope* at = &root;
        if (!tags.empty()) {
            std::string_view path = tags.front();
            for (auto slash = path.find('/'); slash != path.npos; slash = path.find('/')) {
                at = &at->inner[std::string(path.substr(0, slash))];
                path.remove_prefix(slash + 1);
            }
        }
        at->nodes.push_back(i);
    }

    void draw(const scope& s, const std::string& path, const std::string& indent) // few levels deep
    {
        for (const auto& [name, inner] : s.inner) {
            const std::string whole = path.empty() ? name : path + "/" + name;
            out_ << indent << "subgraph \"cluster_" << escaped(whole) << "\" {\n"
                 << indent << "  label=\"" << escaped(name) << "\";\n";
            draw(inner, whole, indent + "  ");
            out_ << indent << "}\n";
        }
        for (auto i : s.nodes) {
            const node& n = *order_[i];
            const auto tags = n.tags();
            out_ << indent << "n" << i << " [label=\"";
            if (!tags.empty()) {
                const auto slash = tags.front().rfind('/');
                out_ << escaped(tags.front().substr(slash == std::string::npos ? 0 : slash + 1))
                     << "\\n";
            }
            out_ << escaped(n.op().name()) << " " << name_of(n.type()) << to_string(n.shape())
                 << "\"" << (n.op().as_leaf() != nullptr ? ", shape=ellipse" : "") << "];\n";
        }
    }

    void draw_edges()
    {
        std::vector<std::vector<std::uint32_t>> from(order_.size()); // the nearest that are shown
        for (std::uint32_t i = 0; i < order_.size(); ++i) {
            std::vector<std::uint32_t> sources;
            for (const auto& input : order_[i]->inputs()) {
                const auto& s = from[index_.find(input.get())];
                sources.insert(sources.end(), s.begin(), s.end());
            }
            std::sort(sources.begin(), sources.end());
            sources.erase(std::unique(sources.begin(), sources.end()), sources.end());
            if (!is_shown_[i]) {
                from[i] = std::move(sources);
                continue;
            }
            for (auto source : sources) {
                out_ << "  n" << source << " -> n" << i << ";\n";
                if (options_.derivatives && connected_.of(order_[source]) == connection::ok &&
                    connected_.of(order_[i]) == connection::ok) {
                    out_ << "  n" << i << " -> n" << source
                         << " [style=dashed, color=firebrick, constraint=false];\n";
                }
            }
            from[i] = {i};
        }
    }

    std::ostream& out_;
    const dot_options& options_;
    std::vector<node_ptr> order_;
    backtrail::detail::connections connected_;
    node_map index_;
    std::vector<char> is_shown_;
};

} // namespace

void detail::dot(std::ostream& out, const node_ptr& y, const dot_options& options)
{
    drawing(out, y, options).draw();
}

void dot(std::ostream& out, const sweep& s, const dot_options& options)
{
    detail::dot(out, backtrail::detail::joined_output(s), options);
}

} // namespace backtrail::inspect
