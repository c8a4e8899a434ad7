// SPDX-License-Identifier: BSD-3-Clause
// Life and death of nodes, their annotations, and the defaults of operations.
#include <backtrail/core/error.hpp>
#include <backtrail/graph/node.hpp>
#include <backtrail/graph/tag.hpp>

#include <algorithm>
#include <limits>
#include <new>

namespace backtrail {

operation::~operation() = default;
tile_fold::~tile_fold() = default;

void operation::pullback(const node_ptr&, const symbol&, std::span<const char>,
                         std::span<symbol>) const
{
    throw error("[" + std::string(name()) + "] has no reverse-mode rule");
}

symbol operation::pushforward(const node_ptr&, std::span<const symbol>) const
{
    throw error("[" + std::string(name()) + "] has no forward-mode rule");
}

bool operation::passes(std::size_t) const { return true; }
std::vector<symbol> operation::lower(const node_ptr&) const { return {}; }
std::optional<layout> operation::view(const node_ptr&, const layout&) const { return {}; }
std::vector<layout> operation::places_of_inputs(const node&) const { return {}; }
bool operation::reads(std::size_t) const { return true; }
bool operation::reads_strided(std::size_t) const { return false; }
std::size_t operation::workspace_bytes(std::span<const array_view>, const array_view&) const
{
    return 0;
}
void operation::evaluate(std::span<const array_view>, const array_view&, std::byte*) const
{
    throw error("[" + std::string(name()) + "] cannot be evaluated");
}
double operation::flops(const node& self) const
{
    return static_cast<double>(element_count(self.shape()));
}
std::size_t operation::hash() const { return std::hash<const operation*>{}(this); }

node::node(operation_ptr op, dtype type, const backtrail::shape& s,
           std::span<const node_ptr> inputs)
    : input_count_(static_cast<std::uint32_t>(inputs.size())), op_(std::move(op)), shape_(s),
      type_(type)
{
    std::uninitialized_copy(inputs.begin(), inputs.end(), first_input());
}

node::~node() { delete annotation_.load(std::memory_order_acquire); }

node_ptr make_node(operation_ptr op, dtype type, const backtrail::shape& s,
                   std::span<const node_ptr> inputs)
{
    static_assert(sizeof(node) % alignof(node_ptr) == 0);
    std::size_t elements = 1;
    for (auto extent : s) {
        if (extent != 0 && elements > std::numeric_limits<std::size_t>::max() / 16 / extent) {
            throw shape_error("[" + std::string(op->name()) + "] an array of shape " +
                              to_string(s) + " is too large" + nearby(inputs));
        }
        elements *= extent;
    }
    void* memory = ::operator new(sizeof(node) + inputs.size() * sizeof(node_ptr));
    return node_ptr(new (memory) node(std::move(op), type, s, inputs));
}

namespace detail {

void retain(node* n) noexcept { n->references_.fetch_add(1, std::memory_order_relaxed); }

void release(node* n) noexcept
{
    if (n->references_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    // The dead are listed through themselves: no recursion and no allocation, however long the
    // chain.
    n->next_dead_ = nullptr;
    for (node* head = n; head != nullptr;) {
        node* dead = head;
        head = head->next_dead_;
        node_ptr* inputs = dead->first_input();
        for (std::size_t i = 0; i < dead->input_count_; ++i) {
            node* input = inputs[i].detach();
            if (input->references_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
                input->next_dead_ = head;
                head = input;
            }
        }
        dead->~node();
        ::operator delete(dead);
    }
}

} // namespace detail

namespace {

/// Annotations are rare and small: one lock for all of them.
std::mutex& annotation_mutex()
{
    static std::mutex mutex;
    return mutex;
}

} // namespace

std::vector<std::string> node::tags() const
{
    const std::lock_guard lock(annotation_mutex());
    const annotation* notes = annotation_.load(std::memory_order_acquire);
    std::vector<std::string> paths;
    if (notes != nullptr) {
        for (const auto& mark : notes->tags) paths.push_back(mark.path);
    }
    return paths;
}

std::vector<tag_mark> node::tag_marks() const
{
    const std::lock_guard lock(annotation_mutex());
    const annotation* notes = annotation_.load(std::memory_order_acquire);
    return notes == nullptr ? std::vector<tag_mark>{} : notes->tags;
}

void node::add_tag(std::string path, source_place place)
{
    const std::lock_guard lock(annotation_mutex());
    annotation* notes = annotation_.load(std::memory_order_acquire);
    if (notes == nullptr) {
        annotation_.store(notes = new annotation, std::memory_order_release);
    }
    const bool is_known = std::any_of(notes->tags.begin(), notes->tags.end(),
                                      [&](const tag_mark& mark) { return mark.path == path; });
    if (!is_known) notes->tags.push_back({std::move(path), place});
}

std::shared_ptr<void> node::cache() const
{
    const std::lock_guard lock(annotation_mutex());
    const annotation* notes = annotation_.load(std::memory_order_acquire);
    return notes == nullptr ? nullptr : notes->cache;
}

void node::set_cache(std::shared_ptr<void> cache)
{
    const std::lock_guard lock(annotation_mutex());
    annotation* notes = annotation_.load(std::memory_order_acquire);
    if (notes == nullptr) {
        annotation_.store(notes = new annotation, std::memory_order_release);
    }
    notes->cache.swap(cache);
}

std::string nearby(std::span<const node_ptr> inputs)
{
    constexpr std::size_t horizon = 64;
    std::vector<const node*> seen;
    std::vector<std::string> found;
    for (const auto& n : inputs) {
        if (n) seen.push_back(n.get());
    }
    for (std::size_t i = 0; i < seen.size() && i < horizon; ++i) {
        const auto tags = seen[i]->tags();
        if (!tags.empty()) {
            if (std::find(found.begin(), found.end(), tags.front()) == found.end()) {
                found.push_back(tags.front());
            }
            continue; // the nearest tag on each way is enough
        }
        for (const auto& input : seen[i]->inputs()) seen.push_back(input.get());
    }
    std::string text;
    for (std::size_t i = 0; i < found.size(); ++i) {
        text += (i == 0 ? "; built from \"" : ", \"") + found[i] + "\"";
    }
    const std::string scope = current_scope();
    if (!scope.empty()) text += "; in scope \"" + scope + "\"";
    return text;
}

} // namespace backtrail
