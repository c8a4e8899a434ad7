// SPDX-License-Identifier: BSD-3-Clause
// Reads the manifests; the only file that knows JSON.
#include "manifest.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <fstream>
#include <iterator>
#include <string_view>

namespace oracle {

namespace {

using nlohmann::json;

/// Python writes NaN and Infinity as bare words, which JSON does not know: null takes their place.
std::string without_bare_words(const std::string& text)
{
    std::string result;
    bool is_quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '"' && (i == 0 || text[i - 1] != '\\')) is_quoted = !is_quoted;
        bool is_word = false;
        for (const std::string_view word : {"NaN", "-Infinity", "Infinity"}) {
            if (is_quoted || text.compare(i, word.size(), word) != 0) continue;
            result += "null";
            i += word.size() - 1;
            is_word = true;
            break;
        }
        if (!is_word) result += text[i];
    }
    return result;
}

json read_json(const std::filesystem::path& file)
{
    std::ifstream stream(file);
    if (!stream) throw manifest_error(file.string() + ": cannot be opened");
    try {
        return json::parse(without_bare_words({std::istreambuf_iterator<char>(stream), {}}));
    } catch (const json::exception& e) {
        throw manifest_error(file.string() + ": " + e.what());
    }
}

void flatten(const json& list, std::vector<double>& out)
{
    for (const json& item : list) {
        if (item.is_array()) {
            flatten(item, out);
        } else {
            out.push_back(item.get<double>());
        }
    }
}

attributes::value attribute_value(const json& j)
{
    if (j.is_boolean()) return j.get<bool>();
    if (j.is_number()) return j.get<double>();
    if (j.is_string()) return j.get<std::string>();
    std::vector<double> list;
    flatten(j, list);
    return list;
}

std::vector<array_entry> array_entries(const json& list)
{
    std::vector<array_entry> result;
    for (const json& a : list) {
        result.push_back({a.at("key").get<std::string>(),
                          a.at("shape").get<std::vector<std::size_t>>(),
                          a.at("dtype").get<std::string>(), a.at("diff").get<bool>()});
    }
    return result;
}

op_variant variant_entry(const json& j)
{
    op_variant v;
    v.name = j.at("variant").get<std::string>();
    for (const auto& [name, value] : j.at("attrs").items()) {
        if (!value.is_null()) v.attributes.set(name, attribute_value(value));
    }
    v.inputs = array_entries(j.at("inputs"));
    v.outputs = array_entries(j.at("outputs"));
    return v;
}

/// `read` applied to the manifest of the folder; whatever it lacks is the manifest's fault.
template <class Read>
auto from_manifest(const std::filesystem::path& folder, Read read)
{
    const std::filesystem::path file = folder / "manifest.json";
    const json manifest = read_json(file);
    try {
        return read(manifest);
    } catch (const json::exception& e) {
        throw manifest_error(file.string() + ": " + e.what());
    }
}

} // namespace

std::vector<op_entry> read_op_manifest(const std::filesystem::path& folder)
{
    return from_manifest(folder, [](const json& manifest) {
        std::vector<op_entry> result;
        for (const json& op : manifest.at("ops")) {
            op_entry entry{op.at("op").get<std::string>(), op.at("file").get<std::string>(), {}};
            for (const json& v : op.at("variants")) entry.variants.push_back(variant_entry(v));
            result.push_back(std::move(entry));
        }
        return result;
    });
}

std::vector<std::string> read_ulp_manifest(const std::filesystem::path& folder)
{
    return from_manifest(folder, [](const json& manifest) {
        std::vector<std::string> result;
        for (const json& f : manifest) result.push_back(f.at("fn").get<std::string>());
        return result;
    });
}

template <class T>
const T& attributes::get(const std::string& name) const
{
    const auto found = values_.find(name);
    if (found == values_.end()) throw manifest_error("attribute '" + name + "' is missing");
    const T* const typed = std::get_if<T>(&found->second);
    if (typed == nullptr) throw manifest_error("attribute '" + name + "' is of another type");
    return *typed;
}

bool attributes::flag(const std::string& name) const { return contains(name) && get<bool>(name); }

double attributes::number(const std::string& name) const { return get<double>(name); }

std::string attributes::text(const std::string& name) const { return get<std::string>(name); }

std::ptrdiff_t attributes::integer(const std::string& name) const
{
    const double x = number(name);
    if (x != std::trunc(x)) throw manifest_error("attribute '" + name + "' is no integer");
    return static_cast<std::ptrdiff_t>(x);
}

std::vector<std::ptrdiff_t> attributes::integers(const std::string& name) const
{
    if (contains(name) && std::holds_alternative<double>(values_.at(name))) return {integer(name)};
    std::vector<std::ptrdiff_t> result;
    for (const double x : get<std::vector<double>>(name)) {
        result.push_back(static_cast<std::ptrdiff_t>(x));
    }
    return result;
}

std::size_t array_entry::size() const
{
    std::size_t n = 1;
    for (const std::size_t extent : shape) n *= extent;
    return n;
}

} // namespace oracle
