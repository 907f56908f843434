// SPDX-License-Identifier: Apache-2.0
// Names each struct that crosses FFI, so that it is in the BTF from which TypeScript's codecs are generated.
#include "shim.h"
#include "table.h"

#define LAYOUT(type) __attribute__((used, section(".abi"))) static type *layout_of_##type

typedef enum xlvs_mode xlvs_mode;
typedef struct xlvs_carried xlvs_carried;
typedef struct xlvs_link xlvs_link;
typedef struct xlvs_interface xlvs_interface;
typedef struct xlvs_device xlvs_device;
typedef struct xlvs_address xlvs_address;
typedef enum xlvs_route_kind xlvs_route_kind;
typedef struct xlvs_route xlvs_route;
typedef struct xlvs_ask xlvs_ask;
typedef struct xlvs_heard xlvs_heard;
typedef struct xlvs_sweep_report xlvs_sweep_report;
typedef struct xlvs_filter xlvs_filter;
typedef struct xlvs_connection xlvs_connection;

LAYOUT(xlvs_mode);
LAYOUT(xlvs_carried);
LAYOUT(xlvs_link);
LAYOUT(xlvs_interface);
LAYOUT(xlvs_device);
LAYOUT(xlvs_address);
LAYOUT(xlvs_route_kind);
LAYOUT(xlvs_route);
LAYOUT(xlvs_ask);
LAYOUT(xlvs_heard);
LAYOUT(xlvs_sweep_report);
LAYOUT(xlvs_filter);
LAYOUT(xlvs_connection);
