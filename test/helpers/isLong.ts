/** Whether tests run too that take minutes and find little that others do not: `LONG=1`. */
export const isLong = process.env['LONG'] === '1'
