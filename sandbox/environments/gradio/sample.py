import gradio as gr

gr.Interface(fn=lambda name: f"It works, {name}", inputs="text", outputs="text").launch()
