import { defineRoom } from "../room.ts";
import serveCourseApi from "./serve-course-api/definition.ts";

export default defineRoom({
  name: "course",
  description: "The four endpoints of the course, unchanged",
  functions: [serveCourseApi],
});
