"""The classes of written forms that `benchmarks.spoken_form_table` lists."""
