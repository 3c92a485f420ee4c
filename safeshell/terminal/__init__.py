"""What a person sees and types: colours, the window's title, questions and their answers.

It knows verdicts and questions, no dialect and no server. prompt_toolkit is never imported here; consoles
that use it take style fragments, which are plain data.
"""
