import { defineRoom } from "../room.ts";
import checkRecordingFile from "./check-recording-file/definition.ts";
import deleteRecording from "./delete-recording/definition.ts";
import getRecording from "./get-recording/definition.ts";
import listRecordings from "./list-recordings/definition.ts";
import reportImport from "./report-import/definition.ts";
import startImport from "./start-import/definition.ts";
import storeRecordingFile from "./store-recording-file/definition.ts";
import uploadRecording from "./upload-recording/definition.ts";

export default defineRoom({
  name: "recordings",
  description: "Recorded drives: import from a request, a bucket or a folder; listing, deletion",
  functions: [
    checkRecordingFile,
    deleteRecording,
    getRecording,
    uploadRecording,
    listRecordings,
    reportImport,
    startImport,
    storeRecordingFile,
  ],
  workflows: ["import-recording"],
});
