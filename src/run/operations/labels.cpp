// SPDX-License-Identifier: BSD-3-Clause
// Labels of classes, passed on if each of them is one: what is wrong with them is known only when
// they are.
#include <backtrail/core/error.hpp>
#include <backtrail/graph/node.hpp>
#include <backtrail/graph/requirements.hpp>

namespace backtrail {
namespace {

class check_labels_operation final : public operation {
public:
    check_labels_operation(std::string caller, node_ptr scores, std::size_t classes,
                           std::optional<std::int64_t> ignore)
        : caller_(std::move(caller)), scores_(std::move(scores)), classes_(classes), ignore_(ignore)
    {}
    [[nodiscard]] std::string_view name() const override { return "check_labels"; }
    [[nodiscard]] passage derivative() const override { return passage::not_differentiable; }
    void evaluate(std::span<const array_view> x, const array_view& y, std::byte*) const override
    {
        visit(y.type, [&](auto t) {
            using T = decltype(t);
            const T* labels = x[0].as<const T>();
            for (std::size_t i = 0; i < y.shape.size(); ++i) {
                const auto label = static_cast<std::int64_t>(labels[i]);
                const bool exists = label >= 0 && static_cast<std::size_t>(label) < classes_;
                if (!exists && label != ignore_) fail(label, i);
                y.as<T>()[i] = labels[i];
            }
        });
    }

private:
    [[noreturn]] void fail(std::int64_t label, std::size_t at) const
    {
        throw index_error("[" + caller_ + "] label " + std::to_string(label) + ", number " +
                          std::to_string(at) + " of them, is none of the " +
                          std::to_string(classes_) + " classes" + nearby(std::span(&scores_, 1)));
    }

    std::string caller_;
    node_ptr scores_; ///< to say where, with the tags it has by then
    std::size_t classes_;
    std::optional<std::int64_t> ignore_;
};

} // namespace

namespace detail {

node_ptr check_labels(const char* operation, const node_ptr& labels, const node_ptr& scores,
                      std::size_t classes, std::optional<std::int64_t> ignore)
{
    return make_node(make_operation<check_labels_operation>(operation, scores, classes, ignore),
                     labels->type(), labels->shape(), std::span(&labels, 1));
}

} // namespace detail
} // namespace backtrail
