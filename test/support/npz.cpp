// SPDX-License-Identifier: BSD-3-Clause
// The zip around the arrays (PKWARE's APPNOTE, sections 4.3.7 to 4.3.16): found from its end, read
// by its central directory, and every member checked against its local header and its checksum.
#include "npz.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>

namespace npz {

namespace {

/// Little-endian numbers at positions that are checked.
class byte_reader {
public:
    explicit byte_reader(std::string_view bytes) : bytes_(bytes) {}

    [[nodiscard]] std::string_view slice(std::size_t offset, std::size_t length) const
    {
        if (offset > bytes_.size() || length > bytes_.size() - offset) {
            throw error("the zip is cut off or its offsets are wrong");
        }
        return bytes_.substr(offset, length);
    }
    [[nodiscard]] std::uint32_t u16(std::size_t offset) const { return number(offset, 2); }
    [[nodiscard]] std::uint32_t u32(std::size_t offset) const { return number(offset, 4); }

private:
    [[nodiscard]] std::uint32_t number(std::size_t offset, std::size_t width) const
    {
        std::uint32_t value = 0;
        const std::string_view bytes = slice(offset, width);
        for (std::size_t i = width; i-- > 0;)
            value = value << 8 | static_cast<unsigned char>(bytes[i]);
        return value;
    }
    std::string_view bytes_;
};

/// The checksum of zip (CRC-32, reflected polynomial 0xEDB88320).
std::uint32_t checksum(std::string_view bytes)
{
    static const std::array<std::uint32_t, 256> table = [] {
        std::array<std::uint32_t, 256> t{};
        for (std::uint32_t i = 0; i < 256; ++i) {
            t[i] = i;
            for (int bit = 0; bit < 8; ++bit) t[i] = t[i] >> 1 ^ (t[i] & 1 ? 0xEDB88320u : 0u);
        }
        return t;
    }();
    std::uint32_t crc = ~0u;
    for (const char c : bytes) crc = crc >> 8 ^ table[(crc ^ static_cast<unsigned char>(c)) & 0xff];
    return ~crc;
}

constexpr std::uint32_t local_signature = 0x04034b50, central_signature = 0x02014b50,
                        end_signature = 0x06054b50;
constexpr std::size_t local_size = 30, central_size = 46, end_size = 22, longest_comment = 0xffff;

/// Where the end record starts: the last place whose comment runs to the end of the file.
std::size_t find_end_record(const byte_reader& zip, std::size_t file_size)
{
    const std::size_t first = file_size - std::min(file_size, end_size + longest_comment);
    for (std::size_t at = file_size; at-- > first;) {
        if (file_size - at < end_size || zip.u32(at) != end_signature) continue;
        if (at + end_size + zip.u16(at + 20) == file_size) return at;
    }
    throw error("not a zip");
}

struct central_entry {
    std::string name;
    std::size_t local_offset, size, record_size;
    std::uint32_t crc;
};

central_entry read_central_entry(const byte_reader& zip, std::size_t at)
{
    if (zip.u32(at) != central_signature) throw error("the directory of the zip is damaged");
    const std::size_t name_length = zip.u16(at + 28);
    const std::string name(zip.slice(at + central_size, name_length));
    if (zip.u16(at + 8) & 1u) throw error(name + " is encrypted");
    if (zip.u16(at + 10) != 0) throw error(name + " is compressed, only stored members are read");
    const std::size_t packed = zip.u32(at + 20), size = zip.u32(at + 24);
    if (packed != size) throw error(name + " is stored, but has two sizes");
    if (size == 0xffffffff || zip.u32(at + 42) == 0xffffffff) throw error(name + " is over 4 GiB");
    return {name, zip.u32(at + 42), size,
            central_size + name_length + zip.u16(at + 30) + zip.u16(at + 32), zip.u32(at + 16)};
}

/// Where the bytes of a member start, after checking what its local header says of it.
std::size_t content_offset(const byte_reader& zip, const central_entry& entry)
{
    const std::size_t at = entry.local_offset;
    if (zip.u32(at) != local_signature) throw error(entry.name + " has no local header");
    const std::size_t name_length = zip.u16(at + 26);
    if (zip.slice(at + local_size, name_length) != entry.name) {
        throw error(entry.name + " has another name in its local header");
    }
    const std::size_t offset = at + local_size + name_length + zip.u16(at + 28);
    if (checksum(zip.slice(offset, entry.size)) != entry.crc) {
        throw error(entry.name + " does not match its checksum");
    }
    return offset;
}

} // namespace

archive::archive(const std::filesystem::path& file) : name_(file.string())
{
    std::ifstream stream(file, std::ios::binary);
    if (!stream) throw error(name_ + ": cannot be opened");
    content_.assign(std::istreambuf_iterator<char>(stream), {});
    if (stream.bad()) throw error(name_ + ": cannot be read");
    try {
        const byte_reader zip(content_);
        const std::size_t end = find_end_record(zip, content_.size());
        const std::size_t count = zip.u16(end + 10);
        std::size_t at = zip.u32(end + 16);
        for (std::size_t i = 0; i < count; ++i) {
            const central_entry entry = read_central_entry(zip, at);
            std::string key = entry.name;
            if (key.ends_with(".npy")) key.resize(key.size() - 4);
            const bool is_new =
                members_.emplace(key, member{content_offset(zip, entry), entry.size}).second;
            if (!is_new) throw error(key + " is there twice");
            at += entry.record_size;
        }
        if (at != end) throw error("the directory of the zip has another length than it says");
    } catch (const error& e) {
        throw error(name_ + ": " + e.what());
    }
}

array archive::at(const std::string& key) const
{
    const auto found = members_.find(key);
    if (found == members_.end()) throw error(name_ + ": holds no " + key);
    try {
        return parse_npy(
            std::string_view(content_).substr(found->second.offset, found->second.size));
    } catch (const error& e) {
        throw error(name_ + ": " + key + ": " + e.what());
    }
}

std::vector<std::string> archive::keys() const
{
    std::vector<std::string> result;
    for (const auto& [key, unused] : members_) result.push_back(key);
    return result;
}

} // namespace npz
