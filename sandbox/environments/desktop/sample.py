import tkinter

window = tkinter.Tk()
tkinter.Label(window, text="It works").pack()
window.mainloop()
