// SPDX-License-Identifier: BSD-3-Clause
// The replay loop. Fused kernels run tile by tile; where all operands are dense and nothing has to
// be read through a tile, a kernel runs over the whole array in one call.
#include <backtrail/run/executor.hpp>

#include <backtrail/run/tiles.hpp>

#include <algorithm>

namespace backtrail {
namespace {

/// Room for the tiles and pointers of a fused step, taken from the workspace.
template <class T>
struct fused_space {
    static constexpr std::size_t tiles(std::size_t slots) { return 2 * slots + 4; }
    static std::size_t bytes(std::size_t slots)
    {
        return tiles(slots) * tile_bytes +
               (2 * slots + 2) * (sizeof(tile_reader<T>) + sizeof(void*)) +
               slots * (sizeof(void*) + sizeof(store_mode)) + 4 * block_alignment;
    }

    fused_space(std::byte* memory, std::size_t slots)
    {
        const auto take = [&]<class U>(U*& p, std::size_t n) {
            p = reinterpret_cast<U*>(memory);
            memory += (n * sizeof(U) + 63) / 64 * 64;
        };
        take(scratch, tiles(slots) * tile_size);
        take(readers, 2 * slots + 2);
        take(in, 2 * slots + 2);
        take(out, slots);
        take(modes, slots);
    }
    [[nodiscard]] T* tile(std::size_t i) { return scratch + i * tile_size; }

    T* scratch;
    tile_reader<T>* readers;
    const void** in;
    void** out;
    store_mode* modes;
};

std::size_t slots_of(const operation& op)
{
    if (const auto* f = op.as_fused()) return f->table().slots;
    if (const auto* f = op.as_fused_pullback()) return f->primal().table().slots;
    if (const auto* f = op.as_fused_pushforward()) return f->primal().table().slots;
    return 0;
}

dtype compute_type(const operation& op)
{
    if (const auto* f = op.as_fused()) return f->table().type;
    if (const auto* f = op.as_fused_pullback()) return f->primal().table().type;
    return op.as_fused_pushforward()->primal().table().type;
}

/// Which slot writes, which adds, which is skipped: the first slot of an output writes.
void set_modes(const fused_pullback& pb, store_mode* modes)
{
    const auto output = pb.output_of_slot();
    for (std::size_t j = 0; j < output.size(); ++j) {
        modes[j] = output[j] == fused_pullback::skipped ? store_mode::skip : store_mode::write;
        for (std::size_t k = 0; k < j && modes[j] == store_mode::write; ++k) {
            if (output[k] == output[j]) modes[j] = store_mode::add;
        }
    }
}

} // namespace

executor::executor(plan p) : plan_(std::move(p))
{
    std::size_t workspace = plan_.workspace_bytes;
    std::size_t views = 0;
    for (const step& s : plan_.steps) {
        views = std::max<std::size_t>(views, s.inputs);
        if (s.what != step::kind::evaluate && s.what != step::kind::copy) {
            workspace = std::max(workspace, fused_space<double>::bytes(slots_of(*s.op)));
        }
    }
    arena_ = buffer(plan_.arena_bytes);
    workspace_ = buffer(workspace);
    views_.resize(views);
    outputs_.resize(plan_.outputs.size());
    leaf_data_.resize(plan_.leaves.size());
    versions_.resize(plan_.leaves.size());
    bases_.resize(1 + outputs_.size() + leaf_data_.size());
    bases_[0] = arena_.data();
}

bool executor::is_current() const
{
    if (!has_run_) return false;
    for (std::size_t i = 0; i < versions_.size(); ++i) {
        if (plan_.leaves[i]->op().as_leaf()->version() != versions_[i]) return false;
    }
    return true;
}

std::size_t executor::bytes() const
{
    std::size_t total = arena_.capacity() + workspace_.capacity();
    for (const auto& b : outputs_) total += b.capacity();
    return total;
}

void executor::bind()
{
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
        if (!outputs_[i].is_unique()) {
            const auto& o = plan_.outputs[i];
            outputs_[i] = buffer(element_count(o.extents) * size_of(o.type));
        }
        bases_[1 + i] = outputs_[i].data();
    }
    for (std::size_t i = 0; i < leaf_data_.size(); ++i) {
        const leaf_storage& leaf = *plan_.leaves[i]->op().as_leaf();
        versions_[i] = leaf.version();
        leaf_data_[i] = leaf.data();
        bases_[1 + outputs_.size() + i] = leaf_data_[i].data();
    }
}

void executor::run()
{
    has_run_ = false;
    bind();
    for (const step& s : plan_.steps) execute(s);
    for (auto& data : leaf_data_) data = buffer();
    has_run_ = true;
}

array_view executor::view_of(const operand& o) const
{
    const layout& l = plan_.layouts[o.layout];
    return {address(o), o.type, layout(l.extents, l.steps, 0)}; // the address has the offset in it
}

void executor::execute(const step& s)
{
    const operand* in = plan_.operands.data() + s.first_input;
    const operand* out = plan_.operands.data() + s.first_output;
    switch (s.what) {
    case step::kind::copy: copy(view_of(in[0]), view_of(out[0])); return;
    case step::kind::evaluate:
        for (std::size_t i = 0; i < s.inputs; ++i) views_[i] = view_of(in[i]);
        s.op->evaluate(std::span(views_).first(s.inputs), view_of(out[0]), workspace_.data());
        return;
    default:
        visit(compute_type(*s.op), [&](auto t) {
            using T = decltype(t);
            if constexpr (!std::is_same_v<T, bool>) {
                if (s.what != step::kind::total) {
                    execute_fused<T>(s);
                } else if constexpr (differentiable<T>) {
                    execute_total<T>(s);
                }
            }
        });
    }
}

template <class T>
void executor::execute_fused(const step& s)
{
    const operand* in = plan_.operands.data() + s.first_input;
    const operand* out = plan_.operands.data() + s.first_output;
    const auto* value = s.op->as_fused();
    const auto* pullback = s.op->as_fused_pullback();
    const auto* pushforward = s.op->as_fused_pushforward();
    const fused& f = value != nullptr      ? *value
                     : pullback != nullptr ? pullback->primal()
                                           : pushforward->primal();
    const kernel_table& table = f.table();
    const std::size_t slots = table.slots;
    fused_space<T> space(workspace_.data(), slots);
    const bool is_mask = out[0].type == dtype::boolean; // computed as T, stored as bool
    if (pullback != nullptr) set_modes(*pullback, space.modes);

    const bool needs_zeros =
        pushforward != nullptr && s.inputs < 2 * slots; // some tangent is structurally zero
    const bool one_call =
        s.all_dense && !is_mask && !needs_zeros &&
        std::all_of(in, in + s.inputs, [&](const operand& o) { return o.type == dtype_of<T>; });
    const std::size_t tile = one_call ? s.elements : tile_size;
    for (std::size_t i = 0; i < s.inputs && !one_call; ++i) {
        new (space.readers + i) tile_reader<T>(view_of(in[i]), space.tile(i));
    }
    T* const spare = space.tile(2 * slots + 2);
    if (needs_zeros) std::fill_n(spare, tile_size, T(0));

    for (std::size_t start = 0; start < s.elements; start += tile) {
        const std::size_t n = std::min(tile, s.elements - start);
        const auto read = [&](std::size_t i) -> const void* {
            if (one_call) return address(in[i]);
            return space.readers[i].read(start, n);
        };
        for (std::size_t j = 0; j < slots; ++j) space.in[j] = read(j);
        if (value != nullptr) {
            T* y = is_mask ? spare : reinterpret_cast<T*>(address(out[0])) + start;
            table.value(space.in, f.literals(), y, n);
            if (is_mask) {
                bool* mask = reinterpret_cast<bool*>(address(out[0])) + start;
                for (std::size_t i = 0; i < n; ++i) mask[i] = y[i] != T(0);
            }
        } else if (pullback != nullptr) {
            for (std::size_t j = 0; j < slots; ++j) {
                const auto k = pullback->output_of_slot()[j];
                space.out[j] = k == fused_pullback::skipped
                                   ? nullptr
                                   : reinterpret_cast<T*>(address(out[k])) + start;
            }
            table.pullback(space.in, f.literals(), read(slots), space.out, space.modes, n);
        } else {
            const void** dot = space.in + slots;
            for (std::size_t j = 0; j < slots; ++j) {
                const auto k = pushforward->input_of_tangent()[j];
                dot[j] = k == fused_pushforward::zero ? spare : read(k);
            }
            table.pushforward(space.in, f.literals(), dot,
                              reinterpret_cast<T*>(address(out[0])) + start, n);
        }
    }
}

template <class T>
void executor::execute_total(const step& s)
{
    const operand* in = plan_.operands.data() + s.first_input;
    const operand* out = plan_.operands.data() + s.first_output;
    const auto* pullback = s.op->as_fused_pullback();
    const fused& f = pullback != nullptr ? pullback->primal() : *s.op->as_fused();
    const kernel_table& table = f.table();
    const std::size_t slots = table.slots;
    fused_space<T> space(workspace_.data(), slots);
    if (pullback != nullptr) set_modes(*pullback, space.modes);
    for (std::size_t i = 0; i < s.inputs; ++i) {
        new (space.readers + i) tile_reader<T>(view_of(in[i]), space.tile(i));
    }
    T* const kept = s.keeps_value ? reinterpret_cast<T*>(address(out[1])) : nullptr;
    const operand* x_bar = out + (s.keeps_value ? 2 : 1);
    pairwise_sum<T> sum;
    for (std::size_t start = 0; start < s.elements; start += tile_size) {
        const std::size_t n = std::min(tile_size, s.elements - start);
        for (std::size_t j = 0; j < slots; ++j) space.in[j] = space.readers[j].read(start, n);
        T* y = kept != nullptr ? kept + start : space.tile(2 * slots + 2);
        if (pullback != nullptr) {
            for (std::size_t j = 0; j < slots; ++j) {
                const auto k = pullback->output_of_slot()[j];
                space.out[j] = k == fused_pullback::skipped
                                   ? nullptr
                                   : reinterpret_cast<T*>(address(x_bar[k])) + start;
            }
            table.value_and_pullback(space.in, f.literals(), space.readers[slots].read(start, n), y,
                                     space.out, space.modes, n);
        } else {
            table.value(space.in, f.literals(), y, n);
        }
        sum.add(tile_sum(y, n));
    }
    const T total = sum.total();
    *reinterpret_cast<T*>(address(out[0])) =
        s.divides ? static_cast<T>(total / static_cast<T>(s.divisor)) : total;
}

} // namespace backtrail
