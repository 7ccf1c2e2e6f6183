# claimledger_embed_sql(target header namespace file)
#
# Makes `header`, to be included by the sources of `target`, in which the text of `file` is
# `inline constexpr std::string_view namespace::<stem of file>`. The text is compiled in, so no program looks for SQL at
# run time. Made anew when the file changes.
function(claimledger_embed_sql target header namespace file)
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/embedded)
  set(source ${CMAKE_CURRENT_SOURCE_DIR}/${file})
  set(output ${folder}/${header})
  set(script ${PROJECT_SOURCE_DIR}/tools/cmake/write_sql_header.cmake)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -Dsource=${source} -Doutput=${output} -Dnamespace=${namespace} -P ${script}
    DEPENDS ${source} ${script}
    COMMENT "Embedding ${file}"
    VERBATIM)
  target_sources(${target} PRIVATE ${output})
  target_include_directories(${target} PRIVATE ${folder})
endfunction()
