// Plain stand-ins for the components of shadcn/ui that answers import from "@/components/ui/*" without giving them.
import { Children, cloneElement, createContext, forwardRef, isValidElement, useContext, useEffect, useId, useState } from "react";
import { createPortal } from "react-dom";
import { cn } from "./utils.js";

const styled = (Tag, classes, more = {}) =>
  forwardRef(({ className, ...rest }, ref) => <Tag ref={ref} className={cn(classes, className)} {...more} {...rest} />);

// Passes its properties on to its only child, as Radix's Slot does.
function Slot({ children, ...rest }) {
  const child = Children.toArray(children).find(isValidElement);
  if (!child) return null;
  const onClick = (event) => { child.props.onClick?.(event); rest.onClick?.(event); };
  return cloneElement(child, { ...rest, ...child.props, className: cn(rest.className, child.props.className), onClick });
}

const useControlled = (value, initial, onChange) => {
  const [own, setOwn] = useState(initial);
  return [value ?? own, (next) => { setOwn(next); onChange?.(next); }];
};

// --- Buttons, badges, cards --------------------------------------------------------------------

const BUTTON = {
  default: "bg-primary text-primary-foreground hover:bg-primary/90",
  destructive: "bg-destructive text-white hover:bg-destructive/90",
  outline: "border border-input bg-background hover:bg-accent hover:text-accent-foreground",
  secondary: "bg-secondary text-secondary-foreground hover:bg-secondary/80",
  ghost: "hover:bg-accent hover:text-accent-foreground",
  link: "text-primary underline-offset-4 hover:underline",
};
const SIZE = { default: "h-10 px-4 py-2", sm: "h-9 px-3", lg: "h-11 px-8", icon: "h-10 w-10" };
export const buttonVariants = ({ variant = "default", size = "default", className } = {}) =>
  cn("inline-flex items-center justify-center gap-2 whitespace-nowrap rounded-md text-sm font-medium transition-colors cursor-pointer disabled:pointer-events-none disabled:opacity-50", BUTTON[variant], SIZE[size], className);
export const Button = forwardRef(({ variant, size, className, asChild, ...rest }, ref) => {
  const Tag = asChild ? Slot : "button";
  return <Tag {...(asChild ? {} : { ref })} className={buttonVariants({ variant, size, className })} {...rest} />;
});

const BADGE = { default: "bg-primary text-primary-foreground", secondary: "bg-secondary text-secondary-foreground", destructive: "bg-destructive text-white", outline: "border border-border" };
export const badgeVariants = ({ variant = "default", className } = {}) => cn("inline-flex items-center rounded-full px-2.5 py-0.5 text-xs font-semibold", BADGE[variant], className);
export const Badge = ({ variant, className, ...rest }) => <div className={badgeVariants({ variant, className })} {...rest} />;

export const Card = styled("div", "rounded-lg border border-border bg-card text-card-foreground shadow-sm");
export const CardHeader = styled("div", "flex flex-col space-y-1.5 p-6");
export const CardTitle = styled("h3", "text-2xl font-semibold leading-none tracking-tight");
export const CardDescription = styled("p", "text-sm text-muted-foreground");
export const CardContent = styled("div", "p-6 pt-0");
export const CardFooter = styled("div", "flex items-center p-6 pt-0");

export const Alert = styled("div", "relative w-full rounded-lg border border-border p-4", { role: "alert" });
export const AlertTitle = styled("h5", "mb-1 font-medium leading-none tracking-tight");
export const AlertDescription = styled("div", "text-sm");
export const Skeleton = styled("div", "animate-pulse rounded-md bg-muted");
export const Separator = ({ orientation = "horizontal", className, decorative, ...rest }) => (
  <div role="separator" className={cn("shrink-0 bg-border", orientation === "vertical" ? "h-full w-px" : "h-px w-full", className)} {...rest} />
);
export const Avatar = styled("span", "relative flex h-10 w-10 shrink-0 overflow-hidden rounded-full");
export const AvatarImage = ({ className, alt = "", ...rest }) => <img alt={alt} className={cn("h-full w-full", className)} {...rest} />;
export const AvatarFallback = styled("span", "flex h-full w-full items-center justify-center rounded-full bg-muted");
export const ScrollArea = styled("div", "relative overflow-auto");
export const ScrollBar = () => null;
export const AspectRatio = ({ ratio = 1, style, ...rest }) => <div style={{ aspectRatio: ratio, ...style }} {...rest} />;
export const Progress = ({ value = 0, className, ...rest }) => (
  <div role="progressbar" aria-valuenow={value ?? 0} aria-valuemin={0} aria-valuemax={100} className={cn("h-4 w-full overflow-hidden rounded-full bg-secondary", className)} {...rest}>
    <div className="h-full bg-primary" style={{ width: `${value ?? 0}%` }} />
  </div>
);

// --- Fields ------------------------------------------------------------------------------------

const FIELD = "w-full rounded-md border border-input bg-background px-3 py-2 text-sm disabled:opacity-50";
export const Input = styled("input", `flex h-10 ${FIELD}`);
export const Textarea = styled("textarea", `flex min-h-20 ${FIELD}`);
export const Label = styled("label", "text-sm font-medium leading-none");
export const Checkbox = forwardRef(({ checked, defaultChecked, onCheckedChange, className, ...rest }, ref) => {
  const [on, setOn] = useControlled(checked, defaultChecked ?? false, onCheckedChange);
  return <button ref={ref} type="button" role="checkbox" aria-checked={on === true} onClick={() => setOn(!on)} className={cn("h-4 w-4 shrink-0 rounded-sm border border-primary text-xs leading-none", on && "bg-primary text-primary-foreground", className)} {...rest}>{on ? "✓" : ""}</button>;
});
export const Switch = forwardRef(({ checked, defaultChecked, onCheckedChange, className, ...rest }, ref) => {
  const [on, setOn] = useControlled(checked, defaultChecked ?? false, onCheckedChange);
  return (
    <button ref={ref} type="button" role="switch" aria-checked={on} onClick={() => setOn(!on)} className={cn("inline-flex h-6 w-11 items-center rounded-full", on ? "bg-primary" : "bg-input", className)} {...rest}>
      <span className={cn("block h-5 w-5 rounded-full bg-background shadow", on ? "translate-x-5" : "translate-x-0.5")} />
    </button>
  );
});
export const Slider = ({ value, defaultValue = [0], onValueChange, min = 0, max = 100, step = 1, className, ...rest }) => {
  const [now, setNow] = useControlled(value, defaultValue, onValueChange);
  return <input type="range" min={min} max={max} step={step} value={now[0]} onChange={(event) => setNow([Number(event.target.value)])} className={cn("w-full", className)} {...rest} />;
};
export const Toggle = ({ pressed, defaultPressed, onPressedChange, variant, size, className, ...rest }) => {
  const [on, setOn] = useControlled(pressed, defaultPressed ?? false, onPressedChange);
  return <button type="button" aria-pressed={on} onClick={() => setOn(!on)} className={buttonVariants({ variant: on ? "secondary" : "ghost", size, className })} {...rest} />;
};

const Choice = createContext({});
export const RadioGroup = ({ value, defaultValue, onValueChange, className, ...rest }) => {
  const [now, setNow] = useControlled(value, defaultValue, onValueChange);
  return <Choice.Provider value={{ now, setNow }}><div role="radiogroup" className={cn("grid gap-2", className)} {...rest} /></Choice.Provider>;
};
export const RadioGroupItem = ({ value, className, ...rest }) => {
  const { now, setNow } = useContext(Choice);
  return <button type="button" role="radio" aria-checked={now === value} onClick={() => setNow(value)} className={cn("h-4 w-4 rounded-full border border-primary text-[8px] leading-none", className)} {...rest}>{now === value ? "●" : ""}</button>;
};

// --- What opens: select, dialog, popover, menu, tooltip, tabs, accordion -------------------------

const Open = createContext({});
const opening = (extra = {}) => function Opening({ open, defaultOpen = false, onOpenChange, children }) {
  const [shown, setShown] = useControlled(open, defaultOpen, onOpenChange);
  return <Open.Provider value={{ shown, setShown, id: useId() }}><span className="relative inline-block" {...extra}>{children}</span></Open.Provider>;
};
const Trigger = forwardRef(({ asChild, onClick, ...rest }, ref) => {
  const { shown, setShown } = useContext(Open);
  const Tag = asChild ? Slot : "button";
  return <Tag {...(asChild ? {} : { ref, type: "button" })} aria-expanded={shown} onClick={(event) => { onClick?.(event); setShown(!shown); }} {...rest} />;
});
const Closer = ({ asChild, onClick, ...rest }) => {
  const { setShown } = useContext(Open);
  const Tag = asChild ? Slot : "button";
  return <Tag onClick={(event) => { onClick?.(event); setShown(false); }} {...rest} />;
};
const floating = (role) => function Floating({ className, side, sideOffset, align, ...rest }) {
  const { shown, setShown } = useContext(Open);
  useEffect(() => {
    const close = (event) => event.key === "Escape" && setShown(false);
    if (shown) window.addEventListener("keydown", close);
    return () => window.removeEventListener("keydown", close);
  }, [shown]);
  return shown ? <div role={role} className={cn("absolute left-0 z-50 mt-1 min-w-32 rounded-md border border-border bg-popover p-1 text-popover-foreground shadow-md", className)} {...rest} /> : null;
};
const Modal = ({ className, children, role = "dialog", ...rest }) => {
  const { shown, setShown } = useContext(Open);
  if (!shown) return null;
  return createPortal(
    <div className="fixed inset-0 z-50 flex items-center justify-center bg-black/60" onClick={() => role === "dialog" && setShown(false)}>
      <div role={role} aria-modal="true" onClick={(event) => event.stopPropagation()} className={cn("relative grid w-full max-w-lg gap-4 rounded-lg border border-border bg-background p-6 shadow-lg", className)} {...rest}>
        {children}
        {role === "dialog" && <button type="button" aria-label="Close" className="absolute right-4 top-4" onClick={() => setShown(false)}>×</button>}
      </div>
    </div>,
    document.body,
  );
};
const Plain = ({ children }) => <>{children}</>;

export const Dialog = opening(), Sheet = opening(), Drawer = opening(), AlertDialog = opening(), Popover = opening(), DropdownMenu = opening(), Collapsible = opening(), HoverCard = opening();
export const DialogTrigger = Trigger, SheetTrigger = Trigger, DrawerTrigger = Trigger, AlertDialogTrigger = Trigger, PopoverTrigger = Trigger, DropdownMenuTrigger = Trigger, CollapsibleTrigger = Trigger, HoverCardTrigger = Trigger;
export const DialogClose = Closer, SheetClose = Closer, DrawerClose = Closer;
export const DialogPortal = Plain, DialogOverlay = () => null;
export const DialogContent = Modal, SheetContent = ({ side, ...rest }) => <Modal {...rest} />, DrawerContent = Modal;
export const AlertDialogContent = (props) => <Modal role="alertdialog" {...props} />;
export const DialogHeader = styled("div", "flex flex-col space-y-1.5"), SheetHeader = DialogHeader, DrawerHeader = DialogHeader, AlertDialogHeader = DialogHeader;
export const DialogFooter = styled("div", "flex flex-row justify-end space-x-2"), SheetFooter = DialogFooter, DrawerFooter = DialogFooter, AlertDialogFooter = DialogFooter;
export const DialogTitle = styled("h2", "text-lg font-semibold"), SheetTitle = DialogTitle, DrawerTitle = DialogTitle, AlertDialogTitle = DialogTitle;
export const DialogDescription = styled("p", "text-sm text-muted-foreground"), SheetDescription = DialogDescription, DrawerDescription = DialogDescription, AlertDialogDescription = DialogDescription;
export const AlertDialogCancel = ({ className, ...rest }) => <Closer className={buttonVariants({ variant: "outline", className })} {...rest} />;
export const AlertDialogAction = ({ className, ...rest }) => <Closer className={buttonVariants({ className })} {...rest} />;
export const PopoverContent = floating("dialog"), HoverCardContent = floating("dialog"), DropdownMenuContent = floating("menu");
export const DropdownMenuItem = ({ onClick, onSelect, className, ...rest }) => {
  const { setShown } = useContext(Open);
  return <div role="menuitem" tabIndex={0} className={cn("flex cursor-pointer items-center rounded-sm px-2 py-1.5 text-sm hover:bg-accent", className)} onClick={(event) => { onClick?.(event); onSelect?.(event); setShown(false); }} {...rest} />;
};
export const DropdownMenuLabel = styled("div", "px-2 py-1.5 text-sm font-semibold"), DropdownMenuSeparator = styled("div", "my-1 h-px bg-muted"), DropdownMenuGroup = Plain;
export const CollapsibleContent = (props) => (useContext(Open).shown ? <div {...props} /> : null);
export const TooltipProvider = Plain, Tooltip = Plain;
export const TooltipTrigger = ({ asChild, ...rest }) => (asChild ? <>{rest.children}</> : <button type="button" {...rest} />);
export const TooltipContent = () => null;

const Selected = createContext({});
const labelsIn = (children, found = {}) => {
  Children.forEach(children, (child) => {
    if (!isValidElement(child)) return;
    if (child.type === SelectItem) found[child.props.value] = child.props.children;
    else labelsIn(child.props.children, found);
  });
  return found;
};
export function Select({ value, defaultValue, onValueChange, open, onOpenChange, disabled, children }) {
  const [now, setNow] = useControlled(value, defaultValue ?? "", onValueChange);
  const [shown, setShown] = useControlled(open, false, onOpenChange);
  return (
    <Open.Provider value={{ shown, setShown }}>
      <Selected.Provider value={{ now, disabled, labels: labelsIn(children), choose: (next) => { setNow(next); setShown(false); } }}>
        <div className="relative">{children}</div>
      </Selected.Provider>
    </Open.Provider>
  );
}
export const SelectTrigger = ({ className, children, ...rest }) => {
  const { shown, setShown } = useContext(Open);
  const { disabled } = useContext(Selected);
  return <button type="button" role="combobox" aria-expanded={shown} disabled={disabled} onClick={() => setShown(!shown)} className={cn(`flex h-10 items-center justify-between ${FIELD}`, className)} {...rest}>{children}<span aria-hidden="true">▾</span></button>;
};
export const SelectValue = ({ placeholder }) => { const { now, labels } = useContext(Selected); return <span>{labels[now] ?? (now || placeholder)}</span>; };
export const SelectContent = floating("listbox"), SelectGroup = Plain, SelectLabel = DropdownMenuLabel, SelectSeparator = DropdownMenuSeparator;
export function SelectItem({ value, className, ...rest }) {
  const { now, choose } = useContext(Selected);
  return <div role="option" tabIndex={0} aria-selected={now === value} onClick={() => choose(value)} className={cn("cursor-pointer rounded-sm px-2 py-1.5 text-sm hover:bg-accent", className)} {...rest} />;
}

const Tab = createContext({});
export const Tabs = ({ value, defaultValue, onValueChange, ...rest }) => {
  const [now, setNow] = useControlled(value, defaultValue, onValueChange);
  return <Tab.Provider value={{ now, setNow }}><div {...rest} /></Tab.Provider>;
};
export const TabsList = styled("div", "inline-flex h-10 items-center rounded-md bg-muted p-1 text-muted-foreground", { role: "tablist" });
export const TabsTrigger = ({ value, className, ...rest }) => {
  const { now, setNow } = useContext(Tab);
  return <button type="button" role="tab" aria-selected={now === value} onClick={() => setNow(value)} className={cn("inline-flex items-center justify-center rounded-sm px-3 py-1.5 text-sm font-medium cursor-pointer", now === value && "bg-background text-foreground shadow-sm", className)} {...rest} />;
};
export const TabsContent = ({ value, ...rest }) => (useContext(Tab).now === value ? <div role="tabpanel" {...rest} /> : null);

const Fold = createContext({});
export const Accordion = ({ type = "single", collapsible, value, defaultValue, onValueChange, ...rest }) => {
  const [now, setNow] = useControlled(value, defaultValue ?? (type === "single" ? "" : []), onValueChange);
  const open = [now].flat();
  const toggle = (one) => setNow(type === "single" ? (now === one ? "" : one) : open.includes(one) ? open.filter((other) => other !== one) : [...open, one]);
  return <Fold.Provider value={{ open, toggle }}><div {...rest} /></Fold.Provider>;
};
const Item = createContext("");
export const AccordionItem = ({ value, className, ...rest }) => <Item.Provider value={value}><div className={cn("border-b border-border", className)} {...rest} /></Item.Provider>;
export const AccordionTrigger = ({ className, ...rest }) => {
  const { open, toggle } = useContext(Fold);
  const value = useContext(Item);
  return <h3><button type="button" aria-expanded={open.includes(value)} onClick={() => toggle(value)} className={cn("flex w-full justify-between py-4 font-medium", className)} {...rest} /></h3>;
};
export const AccordionContent = ({ className, ...rest }) => (useContext(Fold).open.includes(useContext(Item)) ? <div className={cn("pb-4 text-sm", className)} {...rest} /> : null);

export const Table = styled("table", "w-full caption-bottom text-sm"), TableHeader = styled("thead", "border-b border-border"), TableBody = styled("tbody", ""), TableFooter = styled("tfoot", "border-t border-border font-medium"), TableRow = styled("tr", "border-b border-border"), TableHead = styled("th", "h-12 px-4 text-left align-middle font-medium text-muted-foreground"), TableCell = styled("td", "p-4 align-middle"), TableCaption = styled("caption", "mt-4 text-sm text-muted-foreground");

// --- Toasts --------------------------------------------------------------------------------------

const listeners = new Set();
export const toast = (given, more) => {
  const told = typeof given === "string" ? { title: given, ...more } : given;
  listeners.forEach((listen) => listen(told));
};
toast.success = toast.error = toast.info = toast.warning = toast;
export const useToast = () => ({ toast, toasts: [], dismiss() {} });
export function Toaster() {
  const [shown, setShown] = useState([]);
  useEffect(() => { const add = (one) => setShown((all) => [...all, one]); listeners.add(add); return () => listeners.delete(add); }, []);
  return <div className="fixed bottom-4 right-4 z-50 space-y-2">{shown.slice(-3).map((one, index) => <div key={index} role="status" className="rounded-md border border-border bg-background p-4 shadow-lg"><strong>{one.title}</strong><div>{one.description}</div></div>)}</div>;
}
