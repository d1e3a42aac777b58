export default () => ({ className: "", variable: "", style: {} });
