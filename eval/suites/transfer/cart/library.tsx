import React, { useMemo, useState } from "react";

/* Ant Design's markup: tables, input numbers, radio groups, form items. */
const css = `
.ant-layout { font: 14px/1.57 -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; padding: 24px 48px; max-width: 980px; margin: auto; }
.ant-list-item { display: flex; align-items: center; padding: 12px 0; border-bottom: 1px solid #f0f0f0; }
.ant-list-item-meta { flex: 1; }
.ant-list-item-meta-description { color: rgba(0,0,0,.55); }
.ant-btn { border: 1px solid #d9d9d9; background: #fff; border-radius: 6px; padding: 4px 15px; height: 32px; cursor: pointer; }
.ant-btn-primary { background: #1677ff; border-color: #1677ff; color: #fff; }
.ant-btn-link { border: 0; color: #1677ff; }
.ant-input, .ant-input-number-input { border: 1px solid #d9d9d9; border-radius: 6px; padding: 4px 11px; height: 32px; box-sizing: border-box; }
.ant-form-item { display: flex; margin-bottom: 16px; align-items: center; }
.ant-form-item-label { width: 160px; text-align: right; margin-right: 10px; }
.ant-radio-button-wrapper { border: 1px solid #d9d9d9; padding: 4px 15px; cursor: pointer; position: relative; }
.ant-radio-button-wrapper-checked { border-color: #1677ff; color: #1677ff; }
.ant-radio-button-input { position: absolute; opacity: 0; inset: 0; width: 100%; height: 100%; margin: 0; }
.ant-space-compact { display: inline-flex; }
`;

interface Product {
  sku: string;
  title: string;
  cents: number;
}

const CATALOGUE: Product[] = [
  { sku: "tea", title: "Green tea", cents: 400 },
  { sku: "mug", title: "Coffee mug", cents: 900 },
  { sku: "book", title: "Notebook", cents: 600 },
];

const dollars = (cents: number) => `$${(cents / 100).toFixed(2)}`;

function FormItem({ id, label, children }: { id: string; label: string; children: React.ReactNode }) {
  return (
    <div className="ant-form-item ant-row">
      <div className="ant-col ant-form-item-label">
        <label htmlFor={id} className="ant-form-item-required" title={label}>
          {label}
        </label>
      </div>
      <div className="ant-col ant-form-item-control">{children}</div>
    </div>
  );
}

export default function Shop() {
  const [amounts, setAmounts] = useState<Record<string, number>>({});
  const [coupon, setCoupon] = useState("");
  const [rate, setRate] = useState(1);
  const [customer, setCustomer] = useState("");
  const [address, setAddress] = useState("");
  const [shipping, setShipping] = useState("regular");
  const [agreed, setAgreed] = useState(false);
  const [placed, setPlaced] = useState(false);

  const chosen = CATALOGUE.filter((p) => amounts[p.sku]);
  const sum = useMemo(() => chosen.reduce((s, p) => s + p.cents * amounts[p.sku], 0) * rate, [amounts, rate]);
  const set = (sku: string, amount: number) => setAmounts({ ...amounts, [sku]: Math.max(0, amount) });

  if (placed) {
    return (
      <div className="ant-layout">
        <style>{css}</style>
        <div className="ant-result ant-result-success">
          <div className="ant-result-title">Thank you, {customer}!</div>
        </div>
      </div>
    );
  }
  return (
    <div className="ant-layout">
      <style>{css}</style>
      <div className="ant-list ant-list-split">
        {CATALOGUE.map((p) => (
          <div className="ant-list-item" key={p.sku}>
            <div className="ant-list-item-meta">
              <h4 className="ant-list-item-meta-title">{p.title}</h4>
              <div className="ant-list-item-meta-description">{dollars(p.cents)}</div>
            </div>
            <button type="button" className="ant-btn ant-btn-primary" onClick={() => set(p.sku, (amounts[p.sku] ?? 0) + 1)}>
              <span>Buy</span>
            </button>
          </div>
        ))}
      </div>
      <h3>Shopping basket</h3>
      <table className="ant-table">
        <tbody className="ant-table-tbody">
          {chosen.map((p) => (
            <tr className="ant-table-row" key={p.sku}>
              <td className="ant-table-cell">{p.title}</td>
              <td className="ant-table-cell">
                <input
                  className="ant-input-number-input"
                  type="number"
                  min={0}
                  aria-label="Amount"
                  value={amounts[p.sku]}
                  onChange={(e) => set(p.sku, Number(e.target.value))}
                />
              </td>
              <td className="ant-table-cell">{dollars(p.cents * amounts[p.sku])}</td>
              <td className="ant-table-cell">
                <button type="button" className="ant-btn ant-btn-link" onClick={() => set(p.sku, 0)}>
                  <span>Delete</span>
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p>Sum: {dollars(sum)}</p>
      <div className="ant-space-compact">
        <input className="ant-input" placeholder="Voucher" value={coupon} onChange={(e) => setCoupon(e.target.value)} />
        <button type="button" className="ant-btn" onClick={() => setRate(coupon === "SAVE10" ? 0.9 : 1)}>
          <span>Redeem</span>
        </button>
      </div>
      <form
        className="ant-form ant-form-horizontal"
        style={{ marginTop: 24 }}
        onSubmit={(e) => {
          e.preventDefault();
          if (customer && address && agreed) setPlaced(true);
        }}
      >
        <FormItem id="order_customer" label="Customer">
          <input id="order_customer" className="ant-input" value={customer} onChange={(e) => setCustomer(e.target.value)} />
        </FormItem>
        <FormItem id="order_address" label="Shipping address">
          <input id="order_address" className="ant-input" value={address} onChange={(e) => setAddress(e.target.value)} />
        </FormItem>
        <FormItem id="order_shipping" label="Shipping">
          <div className="ant-radio-group" id="order_shipping">
            {[["regular", "Regular"], ["fast", "Express"]].map(([value, text]) => (
              <label key={value} className={"ant-radio-button-wrapper" + (shipping === value ? " ant-radio-button-wrapper-checked" : "")}>
                <input type="radio" className="ant-radio-button-input" checked={shipping === value} value={value} onChange={() => setShipping(value)} />
                <span>{text}</span>
              </label>
            ))}
          </div>
        </FormItem>
        <FormItem id="order_agreed" label="Conditions">
          <label className="ant-checkbox-wrapper">
            <span className="ant-checkbox">
              <input id="order_agreed" type="checkbox" className="ant-checkbox-input" checked={agreed} onChange={(e) => setAgreed(e.target.checked)} />
            </span>
            <span>I agree to the conditions of sale</span>
          </label>
        </FormItem>
        <button type="submit" className="ant-btn ant-btn-primary">
          <span>Order now</span>
        </button>
      </form>
    </div>
  );
}
