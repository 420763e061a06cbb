#include "io/net/settle_memory.hpp"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>

namespace earshot::io {
namespace {

// A segment that was never writable holds nothing but the file's own bytes, so dropping its pages loses nothing.
void let_go(std::uintptr_t begin, std::uintptr_t end, std::uintptr_t page) {
    begin = (begin + page - 1) & ~(page - 1);
    end &= ~(page - 1);
    if (begin < end) ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

int each_object(dl_phdr_info* object, std::size_t, void* page) {
    for (int i = 0; i < object->dlpi_phnum; ++i) {
        const auto& segment = object->dlpi_phdr[i];
        if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W)) continue;
        const auto begin = object->dlpi_addr + segment.p_vaddr;
        let_go(begin, begin + segment.p_filesz, *static_cast<std::uintptr_t*>(page));
    }
    return 0;
}

}  // namespace

void settle_memory() {
    auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    ::dl_iterate_phdr(each_object, &page);
    ::malloc_trim(0);
}

}  // namespace earshot::io
