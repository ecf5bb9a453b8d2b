# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Manual pages, for a makefile to include behind its rule for "all":
#
#	MAN_PAGES	those of ../Documentation/man, as qnetconfig.8
#	MAN_OUT		where they are made
#
# "man" makes them, "install-man" installs them below MANDIR, each under all the
# names in its NAME line.  They need rst2man and are left out without it.

RST2MAN	?= $(shell command -v rst2man || command -v rst2man.py)
MANDIR	?= $(PREFIX)/share/man

man_src	:= $(dir $(abspath $(lastword $(MAKEFILE_LIST))))../Documentation/man
man	:= $(if $(RST2MAN),$(MAN_PAGES:%=$(MAN_OUT)/%))

man: $(man)

# The title is the NAME line's; a page's head has room for the first name only.
$(man): $(MAN_OUT)/%: $(man_src)/%.rst
	@mkdir -p $(@D)
	$(RST2MAN) --halt=2 $< $@.tmp
	sed '/^\.TH /s/, [^"]*"/"/' $@.tmp >$@
	rm $@.tmp

install-man: man
	@set -e; for page in $(man); do \
		file=$${page##*/}; dir=man$${file##*.}; \
		to=$(DESTDIR)$(MANDIR)/$$dir; \
		install -D -m 644 $$page $$to/$$file; \
		for name in $$(sed -n '/^\.SH NAME/{n;s/ \\-.*//;s/,//g;p;q}' $$page); do \
			[ $$name.$${file##*.} = $$file ] || \
				echo ".so $$dir/$$file" | install -m 644 \
					/dev/stdin $$to/$$name.$${file##*.}; \
		done; \
	done

.PHONY: man install-man
