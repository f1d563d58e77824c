import type { BondRecord, FuturesRecord, OverseasRecord, TradeRecord } from "../gateway/items";
import type { StockTradeRecord } from "../gateway/stock-records";
import { isInVolatilityInterruption, isHalted } from "../market/trading-state";
import { feedOf, partsOf } from "../watch/target";
import type { Context } from "./context";
import { arrowOf } from "./dom";
import type { QuoteColumn, QuoteTable } from "./quote-panel";

/** The unit of a bond's volumes: thousands of KRW of face value. */
const bondVolumeUnit = 1_000;

const codeOf = (target: string): string => partsOf(target).key;
const feedOfTarget = (target: string) => feedOf(partsOf(target).trId);

/** The columns of all trades. @param decimals The decimals of prices; null for those that the price has. */
function tradeColumns<TRecord extends TradeRecord>(
  { localization: { texts } }: Context,
  title: string,
  decimals: (record: TRecord) => number | null,
): Readonly<Record<"name" | "price" | "change" | "changeRate" | "volume" | "trend" | "time", QuoteColumn<TRecord>>> {
  const sign = (record: TRecord): number | null => record.change;
  return {
    name: { field: "name", title },
    price: {
      field: "price",
      title: texts.price,
      isNumber: true,
      text: (record, numbers) => {
        const places = decimals(record);
        return places === null ? numbers.plain(record.price) : numbers.fixed(record.price, places);
      },
      sign,
    },
    change: {
      field: "change",
      title: texts.change,
      isNumber: true,
      priority: "minor",
      text: (record, numbers) => {
        const { change } = record;
        if (change === null) return "–";
        const places = decimals(record);
        const size = Math.abs(change);
        return (change === 0 ? "" : `${arrowOf(change)} `) + (places === null ? numbers.plain(size) : numbers.fixed(size, places));
      },
      sign,
    },
    changeRate: {
      field: "changeRate",
      title: texts.changeRate,
      isNumber: true,
      text: (record, numbers) => numbers.percent(record.changeRate),
      sign,
    },
    volume: { field: "volume", title: texts.volume, isNumber: true, text: (record, numbers) => numbers.whole(record.accumulatedVolume) },
    trend: { field: "trend", title: texts.trend },
    time: { field: "time", title: texts.time, isNumber: true, priority: "extra" },
  };
}

/** The watched stocks. */
export function stockTable(
  context: Context,
  addressOf: (code: string) => string,
  makeAction: (target: string, name: string) => HTMLElement,
): QuoteTable<StockTradeRecord> {
  const { texts } = context.localization;
  const columns = tradeColumns<StockTradeRecord>(context, texts.stock, () => 0);
  return {
    id: "stocks",
    title: texts.stocks,
    caption: texts.stocksCaption,
    keys: context.market.stocks,
    trend: { series: "price" },
    label: (target) => {
      const feed = feedOfTarget(target);
      return codeOf(target) + (feed === "trade-krx" ? " · KRX" : feed === "trade-nxt" ? " · NXT" : "");
    },
    href: addressOf,
    states: (record) => [...(isInVolatilityInterruption(record) ? [texts.vi] : []), ...(isHalted(record) ? [texts.halted] : [])],
    action: makeAction,
    columns: [
      columns.name,
      columns.price,
      columns.change,
      columns.changeRate,
      columns.volume,
      {
        field: "turnover",
        title: texts.turnover,
        isNumber: true,
        priority: "extra",
        text: (record, numbers) => numbers.amount(record.accumulatedValue),
      },
      {
        field: "strength",
        title: texts.strength,
        isNumber: true,
        priority: "extra",
        text: (record, numbers) => numbers.fixed(record.tradeStrength, 2),
      },
      columns.trend,
      columns.time,
      { field: "action", title: "", isNumber: true },
    ],
  };
}

/** The index futures. */
export function futuresTable(context: Context): QuoteTable<FuturesRecord> {
  const { texts } = context.localization;
  const columns = tradeColumns<FuturesRecord>(context, texts.contract, () => 2);
  return {
    id: "futures",
    title: texts.futures,
    caption: texts.futuresCaption,
    keys: context.market.futures,
    trend: { series: "price" },
    label: (target) => codeOf(target) + (feedOfTarget(target) === "night-futures" ? ` · ${texts.night}` : ""),
    columns: [
      columns.name,
      columns.price,
      columns.change,
      columns.changeRate,
      {
        field: "basis",
        title: texts.basis,
        isNumber: true,
        text: (record, numbers) => numbers.signed(record.marketBasis, 2),
        sign: (record) => record.marketBasis,
      },
      { ...columns.volume, priority: "minor" },
      {
        field: "openInterest",
        title: texts.openInterest,
        isNumber: true,
        text: (record, numbers) => numbers.whole(record.openInterest),
      },
      {
        field: "openInterestChange",
        title: texts.openInterestChange,
        isNumber: true,
        priority: "extra",
        text: (record, numbers) => numbers.signed(record.openInterestChange, 0),
        sign: (record) => record.openInterestChange,
      },
      { ...columns.trend, priority: "minor" },
    ],
  };
}

/** The overseas stocks and futures. */
export function overseasTable(context: Context): QuoteTable<OverseasRecord> {
  const { texts } = context.localization;
  const columns = tradeColumns<OverseasRecord>(context, texts.instrument, (record) => record.priceScale ?? null);
  return {
    id: "overseas",
    title: texts.overseas,
    caption: texts.overseasCaption,
    keys: context.market.overseas,
    trend: { series: "price" },
    // D or R and the exchange come before the symbol.
    label: (target) => (feedOfTarget(target) === "us" ? `${codeOf(target).slice(4)} · ${codeOf(target).slice(1, 4)}` : codeOf(target)),
    columns: [
      columns.name,
      columns.price,
      columns.change,
      columns.changeRate,
      { ...columns.volume, priority: "minor" },
      columns.trend,
      {
        field: "localTime",
        title: texts.localTime,
        isNumber: true,
        priority: "extra",
        text: (record) => record.localTime?.slice(0, 5) ?? "–",
      },
    ],
  };
}

/** The watched bonds. */
export function bondTable(context: Context): QuoteTable<BondRecord> {
  const { texts } = context.localization;
  const sign = (record: BondRecord): number | null => record.change;
  const volume = (value: number | null): number | null => (value === null ? null : value * bondVolumeUnit);
  return {
    id: "bonds",
    title: texts.bonds,
    caption: texts.bondsCaption,
    keys: context.market.bonds,
    trend: { series: "yield", color: context.palette.first },
    label: codeOf,
    name: (record) => record.name,
    columns: [
      { field: "name", title: texts.bond },
      { field: "price", title: texts.price, isNumber: true, text: (record, numbers) => numbers.fixed(record.price, 2), sign },
      {
        field: "yield",
        title: texts.yield,
        isNumber: true,
        text: (record, numbers) => (record.yield === null ? "–" : `${numbers.fixed(record.yield, 3)}%`),
      },
      { field: "change", title: texts.change, isNumber: true, text: (record, numbers) => numbers.signed(record.change, 2), sign },
      {
        field: "changeRate",
        title: texts.changeRate,
        isNumber: true,
        priority: "minor",
        text: (record, numbers) => numbers.percent(record.changeRate),
        sign,
      },
      {
        field: "volume",
        title: texts.tradeVolume,
        isNumber: true,
        priority: "minor",
        text: (record, numbers) => numbers.amount(volume(record.volume)),
      },
      {
        field: "accumulatedVolume",
        title: texts.dayVolume,
        isNumber: true,
        priority: "minor",
        text: (record, numbers) => numbers.amount(volume(record.accumulatedVolume)),
      },
      { field: "trend", title: texts.yield },
      { field: "time", title: texts.time, isNumber: true, priority: "minor" },
    ],
  };
}
