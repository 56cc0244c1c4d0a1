import { defineRoom } from "../room.ts";
import deleteDevice from "./delete-device/definition.ts";
import eraseDevice from "./erase-device/definition.ts";
import getDevice from "./get-device/definition.ts";
import listDevices from "./list-devices/definition.ts";
import repairDevice from "./repair-device/definition.ts";

export default defineRoom({
  name: "devices",
  description: "Devices: state, listing, repair, erasure",
  functions: [deleteDevice, eraseDevice, getDevice, listDevices, repairDevice],
  workflows: ["erase-device"],
});
