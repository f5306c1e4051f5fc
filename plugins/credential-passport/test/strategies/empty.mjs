export const nothing = 1;
export const useful = () => 'nothing useful';
